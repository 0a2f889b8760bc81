import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { BackendError } from '@metric-learning/contracts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { pythonWith } from './python-environment.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'python-environment-'))
  mkdirSync(join(folder, 'bin'))
  vi.stubEnv('METRIC_LEARNING_CACHE', join(folder, 'cache'))
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** A `python3` on the PATH that notes how it is called; \`-m venv\` puts a copy of itself into the environment. */
function fakePython(version: string, pip = 'exit 0'): void {
  const python = join(folder, 'bin/python3')
  const script = `#!/bin/sh
echo "$*" >> ${folder}/calls
case "$*" in
  "-c import sys"*) echo ${version} ;;
  *"-m venv"*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  *"-m pip"*) ${pip} ;;
esac
`
  writeFileSync(python, script)
  chmodSync(python, 0o755)
}
const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')

it('makes an environment once, named after its pins, and says so', async () => {
  fakePython('3.12')
  const said: string[] = []
  const say = (line: string) => said.push(line)
  const python = await pythonWith('tensorboard', { modules: [], say })
  expect(python).toMatch(/cache\/python\/tensorboard-[0-9a-f]{8}-python-3\.12\/bin\/python$/)
  expect(said).toEqual([expect.stringMatching(/^Making a Python environment with TensorBoard \(150 MB\) in .* …$/)])
  expect(calls().filter((call) => call.includes('-m pip'))).toEqual([expect.stringMatching(/pip install .*-r .*requirements\/tensorboard\.txt$/)])
  expect(await pythonWith('tensorboard', { modules: [], say })).toBe(python)
  expect(calls().filter((call) => call.includes('-m venv'))).toHaveLength(1)
  expect(said).toHaveLength(1)
})

it('makes an environment anew that was not finished', async () => {
  fakePython('3.11', 'echo "no such version" >&2; exit 1')
  const failed = pythonWith('tensorboard', { modules: [], say: () => undefined })
  await expect(failed).rejects.toThrow(/wanted to install Python packages, got python: code 1\nno such version/)
  const [made] = readdirSync(join(folder, 'cache/python'))
  expect(existsSync(join(folder, 'cache/python', made!, 'ready'))).toBe(false)
  fakePython('3.11')
  await pythonWith('tensorboard', { modules: [], say: () => undefined })
  expect(existsSync(join(folder, 'cache/python', made!, 'ready'))).toBe(true)
})

it('says what is wrong with a Python', async () => {
  fakePython('3.9')
  await expect(pythonWith('pytorch', { modules: [], say: () => undefined })).rejects.toThrow('wanted Python 3.11 or later, got `python3` 3.9.')
  const given = (python: string) => pythonWith('tensorboard', { modules: ['tensorboard'], python, say: () => undefined })
  await expect(given('/no/such/python')).rejects.toThrow(BackendError)
  await expect(given('/no/such/python')).rejects.toThrow('got /no/such/python, which does not run')
})

it('takes a given Python that has the modules that are used, and asks for no others', async () => {
  const python = join(folder, 'python')
  // As `import` would find them: whatever else the pins name is of no account.
  writeFileSync(python, `#!/bin/sh
shift 2
missing=
for module in "$@"; do case $module in torch | faiss) ;; *) missing="$missing\\"$module\\"" ;; esac; done
echo "[$missing]"
`)
  chmodSync(python, 0o755)
  const given = (...modules: string[]) => pythonWith('pytorch', { modules, python, say: () => undefined })
  expect(await given('torch')).toBe(python)
  expect(await given('torch', 'faiss')).toBe(python)
  await expect(given('torch', 'torchvision')).rejects.toThrow(`wanted a Python with torch, torchvision, got ${python} without torchvision.`)
})

it('finds modules of a real Python, whatever package they are from', async () => {
  const given = (...modules: string[]) => pythonWith('pytorch', { modules, python: 'python3', say: () => undefined })
  expect(await given('json', 'urllib')).toBe('python3')
  await expect(given('json', 'no_such_module')).rejects.toThrow('python3 without no_such_module')
})
