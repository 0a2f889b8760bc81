import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where `npm run bench:parity` keeps its Python too. */
const folder = new URL('../../parity/', import.meta.url).pathname

/** A Python that has PyTorch and PyTorch Metric Learning: the given one, or that of an environment made once. */
export function pmlPython(given: string | undefined, say: (line: string) => void): string {
  if (given !== undefined) return given
  const environment = join(folder, '.venv')
  const python = join(environment, 'bin/python')
  const ready = join(environment, 'ready')
  if (existsSync(ready)) return python
  say('Making a Python environment with PyTorch and PyTorch Metric Learning (some minutes) …')
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', environment],
    [python, '-m', 'pip', 'install', '--quiet', '-r', join(folder, 'requirements.txt')],
  ] as [string, ...string[]][]) {
    if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0) throw new Error(`${command} ${args.join(' ')} failed`)
  }
  writeFileSync(ready, '')
  return python
}
