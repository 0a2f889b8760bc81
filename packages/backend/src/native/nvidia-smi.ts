import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where drivers put it that do not put it on the PATH: of distributions, of containers on Kubernetes, of WSL. */
const PLACES = ['/usr/bin', '/usr/local/bin', '/usr/local/nvidia/bin', '/opt/bin', '/opt/nvidia/bin', '/usr/lib/wsl/lib', '/run/current-system/sw/bin']

/** The program that NVIDIA's driver comes with: from the PATH, or from where drivers put it; `undefined` when it is in none of them. */
export function findNvidiaSmi(env: NodeJS.ProcessEnv = process.env, places: readonly string[] = PLACES): string | undefined {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...places]
  return folders.map((folder) => join(folder, 'nvidia-smi')).find(isProgram)
}

/** What `nvidia-smi` answers to some arguments; `undefined` when it is not there, or fails. */
export function askNvidiaSmi(args: readonly string[], env: NodeJS.ProcessEnv = process.env, places: readonly string[] = PLACES): string | undefined {
  const program = findNvidiaSmi(env, places)
  if (program === undefined) return undefined
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', env })
  return status === 0 ? stdout : undefined
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
