// `npm run check:saved-model [-- FOLDER]`: TensorFlow for Python loads what `exportSavedModel` writes, and embeds equally.
// PYTHON names a Python that has tensorflow; without it, a virtual environment is made under node_modules/.cache.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { useBackend } from '../../packages/backend/src/index.js'
import { writeCases } from './write-cases.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const environment = join(here, '../../node_modules/.cache/tensorflow-venv')

class CommandFailed extends Error {}

function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) throw new CommandFailed(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`)
}

function pythonWithTensorFlow(): string {
  const given = process.env['PYTHON']
  if (given) return given
  const python = join(environment, 'bin/python')
  if (!existsSync(join(environment, 'bin/saved_model_cli'))) {
    run('python3', '-m', 'venv', '--clear', environment)
    run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', join(here, 'requirements.txt'))
  }
  return python
}

const kept = process.argv[2]
if (kept !== undefined) mkdirSync(kept, { recursive: true })
const folder = kept ?? mkdtempSync(join(tmpdir(), 'check-saved-model-'))
try {
  await useBackend('native-cpu')
  await writeCases(folder)
  run(pythonWithTensorFlow(), join(here, 'compare.py'), folder)
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true })
}
