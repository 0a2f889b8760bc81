import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '@metric-learning/backend'
import { BackendError } from '@metric-learning/contracts'
import { expectModules } from './python-modules.js'
import { ProcessError, runProcess } from './run-process.js'

/** What the environments are for, and what they take. The versions are in `requirements/`, in a file of the same name. */
const ENVIRONMENTS = {
  pytorch: 'PyTorch and PyTorch Metric Learning (5 GB, some minutes)',
  trunks: 'PyTorch, timm and the weights of EfficientNet-Lite0 (5 GB, some minutes)',
  tensorflow: 'TensorFlow (1.5 GB, a minute)',
  tensorboard: 'TensorBoard (150 MB)',
  safetensors: 'safetensors (1 MB)',
} as const

export type PythonEnvironment = keyof typeof ENVIRONMENTS

/** The oldest Python that the pinned versions support. */
const OLDEST = '3.11'

export interface PythonOptions {
  /** The modules that are used, as Python imports them: a Python of the user's has to have these, and no more. */
  readonly modules: readonly string[]
  /** A Python of the user's, which has them; otherwise an environment is made once. */
  readonly python?: string | undefined
  /** Takes a line on what is under way. */
  readonly say: (line: string) => void
}

/**
 * A Python that has the packages of an environment: the given one, if it has the modules that are used, or that of a virtual environment in the cache of the
 * native backend, which is made when it is not there. Its folder is named after the pins and the version of Python, so
 * that all checkouts share it and nothing is updated in place.
 *
 * @throws {BackendError} when the given one lacks a module, or there is no Python to make an environment with.
 */
export async function pythonWith(environment: PythonEnvironment, { modules, python, say }: PythonOptions): Promise<string> {
  const requirements = fileURLToPath(new URL(`../requirements/${environment}.txt`, import.meta.url))
  const pins = readFileSync(requirements, 'utf8')
  if (python !== undefined) {
    await expectModules(python, modules)
    return python
  }
  const version = await versionOf('python3')
  const hash = createHash('sha256').update(pins).digest('hex').slice(0, 8)
  const folder = join(cacheFolder(), 'python', `${environment}-${hash}-python-${version}`)
  const made = join(folder, 'bin/python')
  // Written once everything is installed: an environment that was broken off is made anew.
  const ready = join(folder, 'ready')
  if (existsSync(ready)) return made
  say(`Making a Python environment with ${ENVIRONMENTS[environment]} in ${folder} …`)
  mkdirSync(folder, { recursive: true })
  await step('to make a Python environment', 'python3', ['-m', 'venv', '--clear', folder])
  await step('to install Python packages', made, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements])
  writeFileSync(ready, '')
  return made
}

/** `3.12`, of a Python that is recent enough. */
async function versionOf(python: string): Promise<string> {
  const version = await runProcess(python, ['-c', "import sys; print('%d.%d' % sys.version_info[:2])"]).catch(() => undefined)
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  const [wantedMajor, wantedMinor] = OLDEST.split('.').map(Number)
  if (major > wantedMajor! || (major === wantedMajor && minor >= wantedMinor!)) return version!.trim()
  throw new BackendError({
    who: 'Comparison with Python',
    wanted: `Python ${OLDEST} or later`,
    got: version === undefined ? `no \`${python}\` on the PATH` : `\`${python}\` ${version.trim()}`,
    fix: 'Install it, or pass `--python` one that has the packages.',
  })
}

async function step(wanted: string, command: string, args: readonly string[]): Promise<void> {
  await runProcess(command, args).catch((cause: unknown) => {
    if (!(cause instanceof ProcessError)) throw cause
    throw new BackendError({
      who: 'Comparison with Python',
      wanted,
      got: cause.message.trim(),
      fix: 'It needs Python with venv and pip (Debian, Ubuntu: `sudo apt-get install python3-venv`), and a package index.',
      cause,
    })
  })
}
