/** The arguments with which Node runs a TypeScript program of this repository from its sources. */
export function sourceProgram(path: string, ...args: string[]): string[] {
  return ['--import', 'tsx', '--conditions', '@metric-learning/source', path, ...args]
}
