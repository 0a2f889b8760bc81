import { spawn } from 'node:child_process'
import { basename } from 'node:path'

export interface ProcessOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs. Default: where this process does. */
  readonly cwd?: string
  /** The process is killed after so many seconds. Default: never. */
  readonly seconds?: number
  /** Takes each line of standard output as it comes. */
  readonly onLine?: (line: string) => void
  /** Lets standard error through as it comes, such as progress; otherwise its end is kept for {@link ProcessError}. */
  readonly showErrors?: boolean
}

/** A process that did not end well. */
export class ProcessError extends Error {
  constructor(
    command: string,
    /** Why, in a few words: `more than 120 s`, `killed (SIGKILL)`, `code 1`. */
    readonly reason: string,
    /** The end of what it wrote to standard error. */
    readonly errors: string,
  ) {
    super([`${basename(command)}: ${reason}`, errors.trim()].filter(Boolean).join('\n'))
    this.name = 'ProcessError'
  }
}

/** As much of standard error as is kept, in characters. */
const KEPT = 4000

/**
 * Runs a program to its end, without a shell; it does not outlive this process, unless that is killed.
 *
 * @returns its standard output
 * @throws {ProcessError} when it cannot be started, takes too long, is killed, or ends with another code than 0.
 */
export function runProcess(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<string> {
  const { env, cwd, seconds, onLine, showErrors = false } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', showErrors ? 'inherit' : 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
      timeout: seconds === undefined ? undefined : seconds * 1000,
      killSignal: 'SIGKILL',
    })
    const started = performance.now()
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    let [output, errors, line] = ['', '', '']
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      output += part
      const lines = (line + part).split('\n')
      line = lines.pop()!
      for (const whole of lines) onLine?.(whole)
    })
    child.stderr?.setEncoding('utf8').on('data', (part: string) => (errors = (errors + part).slice(-KEPT)))
    const fail = (reason: string) => reject(new ProcessError(command, reason, errors))
    child.on('error', ({ message }) => fail(message))
    child.on('close', (code, signal) => {
      process.off('exit', kill)
      if (line !== '') onLine?.(line)
      if (code === 0) resolve(output)
      else if (signal === null) fail(`code ${code}`)
      else if (seconds !== undefined && performance.now() - started >= seconds * 1000) fail(`more than ${seconds} s`)
      else fail(`killed (${signal})`)
    })
  })
}
