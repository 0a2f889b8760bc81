import { useBackend } from '@metric-learning/backend'
import { Adam, Random, Trainer, type Dataset, type Module, type Objective, type Plugin } from '@metric-learning/core'
import { ArcFaceLoss, TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder } from '@metric-learning/models'
import { LOSSES, NETS, type LossName, type Net } from './nets.js'
import { median, type Turn } from './turn.js'

// A turn of our side, in a process of its own: `our-turn.ts <net> <loss> <compiled|eager>` prints a Turn as JSON.
const [netName, lossName, mode] = process.argv.slice(2)
const net = NETS.find(({ name }) => name === netName)
const loss = LOSSES.find((name) => name === lossName)
if (!net || !loss) throw new Error(`unknown net ${netName ?? ''} or loss ${lossName ?? ''}`)

await useBackend('native-cpu', { log: () => undefined })
process.stdout.write(JSON.stringify(await turn(net, loss, mode !== 'eager')))

async function turn({ batch, side, channels, steps, name }: Net, lossOf: LossName, compile: boolean): Promise<Turn> {
  const random = new Random(0)
  const trunk = trunkOf(name, channels, random)
  const warmUp = 8
  const times: number[] = []
  const trainer = new Trainer({
    trunk,
    embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64, random }),
    dataset: noise(batch, side, channels),
    sampler: {
      name: 'everything',
      batchSize: batch,
      batchesPerEpoch: warmUp + steps,
      *batches() {
        for (let i = 0; i < warmUp + steps; i++) yield Int32Array.from({ length: batch }, (_, row) => row)
      },
    },
    objectives: [objectiveOf(lossOf)],
    compile: compile ? 'require' : false,
    plugins: [stopwatch(times)],
  })
  await trainer.train({ epochs: 1 })
  return { milliseconds: median(times.slice(warmUp)), peakMegabytes: process.resourceUsage().maxRSS / 1024 }
}

function trunkOf(name: string, inputChannels: number, random: Random): Module {
  if (name.startsWith('convnet')) return new ConvNet({ inputChannels, width: Number(name.split('-')[1]), random })
  throw new Error(`no trunk for ${name}`)
}

function objectiveOf(loss: LossName): Objective {
  return loss === 'triplet'
    ? { loss: new TripletMarginLoss(), miner: new MultiSimilarityMiner() }
    : { loss: new ArcFaceLoss({ numClasses: 245, embeddingSize: 64 }), optimizer: new Adam({ learningRate: 1e-2 }) }
}

/** Random pixels in classes of four. */
function noise(count: number, side: number, channels: number): Dataset {
  const random = new Random(1)
  const values = Uint8Array.from({ length: count * side * side * channels }, () => random.int(256))
  return {
    name: 'noise',
    labels: Int32Array.from({ length: count }, (_, row) => row >> 2),
    classNames: Array.from({ length: count / 4 }, (_, label) => String(label)),
    sampleShape: [side, side, channels],
    normalization: { mean: Array<number>(channels).fill(0.5), std: Array<number>(channels).fill(0.25) },
    load: () => Promise.resolve({ values, shape: [count, side, side, channels] }),
  }
}

/** The milliseconds of each step, from before its upload to after its update, the loss read back. */
function stopwatch(times: number[]): Plugin {
  const name = 'stopwatch'
  let started = 0
  return {
    name,
    apply({ hooks }) {
      hooks.batchStart.tap({ name, stage: 'report' }, () => {
        started = performance.now()
      })
      hooks.batchEnd.tapPromise({ name, stage: 'measure' }, async ({ loss }) => {
        await loss()
        times.push(performance.now() - started)
      })
    },
  }
}
