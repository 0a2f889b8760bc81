// `npm run check:resnet [-- PYTHON]`: ResNet18 and ResNet50 of random weights give what torchvision's give.
// PYTHON has torch, torchvision and safetensors; without it, a virtual environment is made here once.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { useBackend } from '@metric-learning/backend'
import type { Module } from '@metric-learning/core'
import { decodeSafetensors, loadModule, ResNet18, ResNet50 } from '@metric-learning/models'
import { pmlPython } from './pml-run.js'
import { runCommand } from './run-command.js'

/** Of the largest output. */
const TOLERANCE = 1e-4
const NETWORKS: Readonly<Record<string, () => Module>> = { resnet18: () => new ResNet18(), resnet50: () => new ResNet50() }
const script = new URL('../torchvision_outputs.py', import.meta.url).pathname

/** The largest deviation, as a part of the largest wanted value. */
function deviation(got: tf.Tensor, wanted: Float32Array): number {
  const values = got.dataSync<'float32'>()
  const size = wanted.reduce((high, value) => Math.max(high, Math.abs(value)), 0)
  return wanted.reduce((high, value, i) => Math.max(high, Math.abs(value - values[i]!)), 0) / size
}

/** Prints how far outputs are from torchvision's. */
async function isEqual(network: string, path: string): Promise<boolean> {
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
  const python = await pmlPython(process.argv[2], (line) => process.stderr.write(`${line}\n`))
  await runCommand(python, [script, folder])
  await useBackend('native-cpu')
  for (const network of Object.keys(NETWORKS)) {
    if (!(await isEqual(network, join(folder, `${network}.safetensors`)))) process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true })
}
