import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BackendInfo } from '../backend-info.js'
import { runCommand } from '../install/run-command.js'
import { tensorflowLogsAreWanted } from '../native/tensorflow-logs.js'

/** How a backend did in a process of its own. */
export type BackendTrial =
  | { readonly works: true; readonly milliseconds: number; readonly device: string }
  | { readonly works: false; readonly reason: string }

const self = fileURLToPath(import.meta.url)
const trialProgram = fileURLToPath(new URL(`./try-backend-program${extname(self)}`, import.meta.url))

/**
 * Starts a backend in a process of its own, checks and times a convolution with gradients on it. What TensorFlow writes goes to standard
 * error, where it is wanted.
 */
export async function tryBackend(name: BackendInfo['name'], program = trialProgram): Promise<BackendTrial> {
  const { output, ending } = await runCommand(process.execPath, [...process.execArgv, program, name])
  const lines = output.trim().split('\n').filter((line) => line !== '')
  const report = lines.find((line) => line.startsWith('{"works"'))
  const others = lines.filter((line) => line !== report)
  if (tensorflowLogsAreWanted()) process.stderr.write(others.map((line) => `${name}: ${line}\n`).join(''))
  if (report !== undefined) return JSON.parse(report) as BackendTrial
  const last = others.at(-1)
  return { works: false, reason: `its process ended by ${ending}${last === undefined ? '' : `: ${last}`}` }
}
