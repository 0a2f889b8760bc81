/** A line on what is under way, on standard error. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
