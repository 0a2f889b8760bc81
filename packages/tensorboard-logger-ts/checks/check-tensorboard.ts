// `npm run check:tensorboard [-- FOLDER]`: TensorBoard itself reads back what this package writes.
// PYTHON names a Python that has tensorboard; without it, a virtual environment is made under node_modules/.cache.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeRun } from './write-run.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const environment = join(here, '../../../node_modules/.cache/tensorboard-venv')

class CommandFailed extends Error {}

function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) throw new CommandFailed(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`)
}

function pythonWithTensorBoard(): string {
  const given = process.env['PYTHON']
  if (given) return given
  const python = join(environment, 'bin/python')
  if (!existsSync(join(environment, 'bin/tensorboard'))) {
    run('python3', '-m', 'venv', '--clear', environment)
    run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', join(here, 'requirements.txt'))
  }
  return python
}

const kept = process.argv[2]
const folder = kept ?? mkdtempSync(join(tmpdir(), 'check-tensorboard-'))
try {
  await writeRun(folder)
  run(pythonWithTensorBoard(), join(here, 'read_run.py'), folder)
  if (kept !== undefined) process.stdout.write(`The run is in ${kept}: tensorboard --logdir ${kept}\n`)
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true })
}
