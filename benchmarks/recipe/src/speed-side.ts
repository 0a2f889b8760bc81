import { join } from 'node:path'
import { checkpoints } from '@metric-learning/checkpoints'
import { Random } from '@metric-learning/contracts'
import { ImageDataset, spritePng, tinyImageNet } from '@metric-learning/datasets'
import { checkedExperiment, createTrainer } from '@metric-learning/experiments'
import { useBackend } from '@metric-learning/backend'
import { health } from '@metric-learning/health'
import { jsonLines, progressLine } from '@metric-learning/progress'
import { runRecorder } from '@metric-learning/report'
import { tensorBoard } from '@metric-learning/tensorboard'
import { sideSpeed } from './side-speed.js'

const BATCH = 64
/** The first step that is looked at, the 20th, is compiled apart, once. */
const WARM_UP = 20

// `speed-side.ts bare|recipe FOLDER STEPS`, in a process of its own: images per second of the step alone, or of all of the recipe.
const [side, folder, count] = process.argv.slice(2) as ['bare' | 'recipe', string, string]
const steps = Number(count)
await useBackend('native-cpu', { log: () => undefined })
const epochSamples = (WARM_UP + steps + 2) * BATCH
const { configuration, registry } = await checkedExperiment(
  {
    name: 'recipe',
    data: { tinyImageNet: { root: folder, imageSize: 64, partial: true } },
    trunk: 'ResNet50',
    embedder: { Embedder: { embeddingSize: 512 } },
    sampler: { MPerClassSampler: { m: 4, batchSize: BATCH, lengthBeforeNewIter: epochSamples } },
    methods: { Triplet: { objectives: [{ loss: { TripletMarginLoss: { margin: 0.05 } }, miner: { MultiSimilarityMiner: { epsilon: 0.1 } } }] } },
    testers: [{ GlobalEmbeddingSpaceTester: { beforeTraining: false, everyEpochs: 2 } }],
    epochs: 1,
    ...(side === 'recipe'
      ? { augmentation: { randomResizedCrop: {}, horizontalFlip: 0.5, colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }, randomErasing: { p: 0.25 } } }
      : { unlogged: ['embeddings', 'distances', 'active', 'gradients', 'validationLoss'], logEverySteps: 1000 }),
  },
  { who: 'bench:recipe', folder },
)
const train = side === 'bare' ? inMemory() : (await tinyImageNet({ root: folder, imageSize: 64, partial: true, cache: join(folder, '.cache') })).train
const place = (name: string) => join(folder, 'run', name)
const created = await createTrainer(configuration, 'Triplet', {
  registry,
  train,
  splits: { heldOut: train },
  seed: 0,
  plugins: () =>
    side === 'bare'
      ? []
      : [
          runRecorder({ name: 'recipe', file: place('record.json') }),
          jsonLines({ file: place('log.jsonl') }),
          health({ folder: place('health') }),
          progressLine({}),
          tensorBoard({ folder: place('tensorboard'), sprites: { draw: (dataset, rows, tile) => spritePng(dataset, rows, tile), tile: 32 } }),
          checkpoints({ folder: place('checkpoints'), everySteps: WARM_UP + steps + 1, resume: false, say: () => undefined }),
        ],
})
let done = 0
let began = 0
let seconds = 0
for await (const _ of created.trainer.steps({ epochs: 1 })) {
  done++
  if (done === WARM_UP) began = performance.now()
  if (done === WARM_UP + steps) seconds = (performance.now() - began) / 1000
  if (done > WARM_UP + steps) break
}
// The step after those that are measured ends with a checkpoint, of which the recipe has one every so many steps.
const checkpointSeconds = side === 'recipe' ? Math.max(0, (performance.now() - began) / 1000 - seconds - seconds / steps) : undefined
process.stdout.write(`${JSON.stringify(sideSpeed({ steps, batchSize: BATCH, seconds, ...(checkpointSeconds !== undefined && { checkpointSeconds }) }))}\n`)
await created.dispose()
process.exit()

/** Random pixels, so that nothing has to be read. */
function inMemory(): ImageDataset {
  const random = new Random(0)
  const labels = Int32Array.from({ length: 640 }, (_, row) => row % 20)
  const pixels = Uint8Array.from({ length: labels.length * 64 * 64 * 3 }, () => random.int(256))
  return new ImageDataset({ name: 'noise', pixels, sampleShape: [64, 64, 3], labels, classNames: Array.from({ length: 20 }, (_, i) => String(i)) })
}
