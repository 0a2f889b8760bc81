// `npm run check:resnet`: ResNet18 and ResNet50 of random weights give what torchvision's give.
// PYTHON names a Python that has torch, torchvision and safetensors; without it, a virtual environment is made under
// node_modules/.cache.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import type { Module } from '@metric-learning/core'
import { useBackend } from '../../backend/src/index.js'
import { decodeSafetensors, loadModule, ResNet18, ResNet50 } from '../src/index.js'

/** Of the largest output. */
const TOLERANCE = 1e-4
const NETWORKS: Readonly<Record<string, () => Module>> = { resnet18: () => new ResNet18(), resnet50: () => new ResNet50() }

const here = fileURLToPath(new URL('.', import.meta.url))
const environment = join(here, '../../../node_modules/.cache/torchvision-venv')

class CheckFailed extends Error {}

function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) throw new CheckFailed(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`)
}

function pythonWithTorch(): string {
  const given = process.env['PYTHON']
  if (given) return given
  const python = join(environment, 'bin/python')
  const ready = join(environment, 'ready')
  if (!existsSync(ready)) {
    run('python3', '-m', 'venv', '--clear', environment)
    run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', join(here, 'requirements.txt'))
    run(python, '-c', `open(${JSON.stringify(ready)}, 'w').close()`)
  }
  return python
}

/** The largest deviation, as a part of the largest wanted value. */
function deviation(got: tf.Tensor, wanted: Float32Array): number {
  const values = got.dataSync<'float32'>()
  const size = wanted.reduce((high, value) => Math.max(high, Math.abs(value)), 0)
  return wanted.reduce((high, value, i) => Math.max(high, Math.abs(value - values[i]!)), 0) / size
}

async function check(network: string, path: string): Promise<boolean> {
  const { tensors } = decodeSafetensors(path, readFileSync(path))
  const { shape, values } = tensors.get('check.inputs')!
  const images = tf.transpose(tf.tensor(values, [...shape]), [0, 2, 3, 1])
  const net = NETWORKS[network]!()
  const { ignored } = await loadModule(net, path, { ignore: ['fc.', 'check.'] })
  const passed = ignored.filter((name) => !name.startsWith('check.'))
  const deviations = (['inference', 'training'] as const).map((mode) => {
    const output = net.call(images, { training: mode === 'training' })
    return { mode, value: deviation(output, tensors.get(`check.${mode}`)!.values) }
  })
  const listed = deviations.map(({ mode, value }) => `${mode} ${value.toExponential(1)}`).join(', ')
  process.stdout.write(`${network}: largest deviation ${listed} (at most ${TOLERANCE}); passed over: ${passed.join(', ')}\n`)
  net.dispose()
  return deviations.every(({ value }) => value <= TOLERANCE)
}

const folder = mkdtempSync(join(tmpdir(), 'check-resnet-'))
try {
  run(pythonWithTorch(), join(here, 'torch_outputs.py'), folder)
  await useBackend('native-cpu')
  for (const network of Object.keys(NETWORKS)) {
    if (!(await check(network, join(folder, `${network}.safetensors`)))) {
      throw new CheckFailed(`${network} differs from torchvision's`)
    }
  }
} catch (error) {
  if (!(error instanceof CheckFailed)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
