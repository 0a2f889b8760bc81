import { spawn } from 'node:child_process'

/** What a finished command left behind. */
export interface CommandResult {
  /** Its exit code; `null` when a signal ended it, `undefined` when it could not be started. */
  readonly code: number | null | undefined
  /** How it ended, in words: `exit code 1`, `signal SIGSEGV`; where it could not be started, why. */
  readonly ending: string
  /** Standard output and standard error, interleaved. */
  readonly output: string
}

/** Runs a command without a shell and collects what it says; never rejects. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer) => (output += chunk.toString())
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', ({ message }) => resolve({ code: undefined, ending: message, output: message }))
    child.on('close', (code, signal) => resolve({ code, ending: signal === null ? `exit code ${code}` : `signal ${signal}`, output }))
  })
}
