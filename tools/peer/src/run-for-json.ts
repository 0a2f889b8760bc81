import { ProcessError, runProcess, type ProcessOptions } from './run-process.js'

/**
 * Runs a program whose last line of output is JSON.
 *
 * @throws {ProcessError} as `runProcess` does, and when that line is something else.
 */
export async function runForJson<T>(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<T> {
  const last = (await runProcess(command, args, options)).trim().split('\n').at(-1)!
  try {
    return JSON.parse(last) as T
  } catch {
    throw new ProcessError(command, 'no line of JSON at its end', last)
  }
}
