import { readFileSync } from 'node:fs'
import { decodeSafetensors, loadModule, ResNet18, ResNet50 } from '@metric-learning/models'
import * as tf from '@tensorflow/tfjs-core'

/** As torchvision calls them. */
export const NETWORKS = ['resnet18', 'resnet50'] as const
type Network = (typeof NETWORKS)[number]

/** Of the largest output. */
const TOLERANCE = 1e-4

/** Compares outputs, in inference and in training, with those in the file of weights, and prints how far they are apart. */
export async function isLikeTorchvision(network: Network, path: string): Promise<boolean> {
  const { tensors } = decodeSafetensors(path, readFileSync(path))
  const { shape, values } = tensors.get('check.inputs')!
  const images = tf.transpose(tf.tensor(values, [...shape]), [0, 2, 3, 1])
  const net = network === 'resnet18' ? new ResNet18() : new ResNet50()
  const { ignored } = await loadModule(net, path, { ignore: ['fc.', 'check.'] })
  const passed = ignored.filter((name) => !name.startsWith('check.'))
  const deviations = (['inference', 'training'] as const).map((mode) => {
    const output = net.call(images, { training: mode === 'training' })
    return { mode, value: deviation(output, Float32Array.from(tensors.get(`check.${mode}`)!.values)) }
  })
  const listed = deviations.map(({ mode, value }) => `${mode} ${value.toExponential(1)}`).join(', ')
  process.stdout.write(`${network}: largest deviation ${listed} (at most ${TOLERANCE}); passed over: ${passed.join(', ')}\n`)
  net.dispose()
  return deviations.every(({ value }) => value <= TOLERANCE)
}

/** The largest deviation, as a part of the largest wanted value. */
function deviation(got: tf.Tensor, wanted: Float32Array): number {
  const values = got.dataSync<'float32'>()
  const size = wanted.reduce((high, value) => Math.max(high, Math.abs(value)), 0)
  return wanted.reduce((high, value, i) => Math.max(high, Math.abs(value - values[i]!)), 0) / size
}
