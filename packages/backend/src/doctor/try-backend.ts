import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BackendInfo } from '../backend-info.js'
import { runCommand } from '../install/run-command.js'

/** How a backend did in a process of its own. */
export type BackendTrial =
  | { readonly works: true; readonly milliseconds: number; readonly device: string }
  | { readonly works: false; readonly reason: string }

/** Starts a backend in a process of its own, checks and times a convolution with gradients on it. */
export async function tryBackend(name: BackendInfo['name']): Promise<BackendTrial> {
  const self = fileURLToPath(import.meta.url)
  const program = fileURLToPath(new URL(`./try-backend-program${extname(self)}`, import.meta.url))
  const { output, code } = await runCommand(process.execPath, [...process.execArgv, program, name])
  const report = output.split('\n').find((line) => line.startsWith('{"works"'))
  if (report !== undefined) return JSON.parse(report) as BackendTrial
  return { works: false, reason: `its process ended with code ${code}: ${output.trim().split('\n').at(-1) ?? ''}` }
}
