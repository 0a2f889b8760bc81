import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ProcessError, sourceProgram, type MeasuredBackend } from '@metric-learning/peer'
import type { KillMoment } from './kill-moment.js'

export const MODES = ['compiled', 'eager'] as const
export type Mode = (typeof MODES)[number]

/** The run of a folder. */
export interface RunRequest {
  readonly folder: string
  readonly mode: Mode
  /** At most; early stopping may end it before. */
  readonly epochs: number
  /** What it computes on. */
  readonly backend: MeasuredBackend
}

/** Sums on a card come in an order of their own otherwise, and no two runs would be equal. */
const DETERMINISTIC = { TF_DETERMINISTIC_OPS: '1', TF_CUDNN_DETERMINISTIC: '1' }

const program = fileURLToPath(new URL('./resumed-run.ts', import.meta.url))

/**
 * Starts the run of a folder in a process of its own, or goes on with it, until it has ended or the moment has come.
 *
 * @param moment when it is killed (SIGKILL). Default: never.
 * @returns whether the run has come to its end; the moment may not have come then.
 * @throws {ProcessError} when the process ends by itself in another way.
 */
export function runUntil({ folder, mode, epochs, backend }: RunRequest, moment?: KillMoment): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, sourceProgram(program, folder, mode, String(epochs), backend), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(backend === 'cuda' && DETERMINISTIC) },
    })
    let [count, errors, isKilled] = [0, '', false]
    const kill = () => {
      isKilled = child.kill('SIGKILL')
    }
    process.once('exit', kill)
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      for (const line of part.split('\n')) {
        if (line !== moment?.kind) continue
        count += 1
        if (count === moment.count) setTimeout(kill, moment.milliseconds)
      }
    })
    child.stderr.setEncoding('utf8').on('data', (part: string) => (errors += part))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('exit', kill)
      if (code === 0 || (isKilled && signal === 'SIGKILL')) resolve(code === 0)
      else reject(new ProcessError('run', code === null ? `killed (${signal})` : `code ${code}`, errors))
    })
  })
}
