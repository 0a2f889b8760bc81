// Measures one of our miners with a loss, compiled as the trainer does, alone in its process: prints one Measurement a line for each
// size. `measure-ours.ts PAIR DIM`
import * as tf from '@tensorflow/tfjs-core'
import { compileStep, useBackend } from '@metric-learning/backend'
import { Random, type LabelRelations, type Loss, type Miner, type References } from '@metric-learning/contracts'
import { drawPosition, relationsOf, relationsToDeviceLabels } from '@metric-learning/ops'
import * as losses from '@metric-learning/losses'
import * as miners from '@metric-learning/miners'
import { residentMemory } from '@metric-learning/peer'
import { samplesPerClass, sizesOf, type MeasuredPair, type Measurement } from './rows.js'

const [pair, size] = process.argv.slice(2) as [MeasuredPair, string]
const dim = Number(size)

await useBackend('native-cpu', { log: () => undefined })
const random = new Random(0)
/** Random rows; of very many the first ones, again and again, with other signs: drawing them all takes longer than what is measured. */
const rows = (count: number) => tf.tidy(() => {
  const drawn = Math.min(count, 4096)
  const first = tf.tensor3d(Float32Array.from({ length: drawn * dim }, () => random.normal()), [1, drawn, dim])
  const signs = tf.tensor3d(Float32Array.from({ length: (count / drawn) * dim }, () => 2 * random.int(2) - 1), [count / drawn, 1, dim])
  return tf.reshape<tf.Rank.R2>(tf.mul(first, signs), [count, dim])
})
const classes = (count: number) => Array.from({ length: count }, (_, row) => Math.floor(row / samplesPerClass))

for (const [n, memory] of sizesOf(pair)) {
  const times = measure(n, memory)
  console.log(JSON.stringify({ n, memory, times, peak: residentMemory('peak') } satisfies Measurement))
}

function measure(n: number, memory: number): number[] {
  const { loss, miner } = make(memory)
  const embeddings = tf.variable(rows(n))
  const labels = classes(n)
  // In variables, as a memory is.
  const held = memory === 0 || !miner ? undefined : tf.tidy(() => ({
    refEmbeddings: tf.variable(rows(memory), false),
    refLabelTensor: tf.variable(tf.tensor1d(classes(memory), 'int32'), false),
    isFilled: tf.variable(tf.ones<tf.Rank.R1>([memory]), false),
  }))
  let current: LabelRelations
  const step = compileStep((position) => {
    const relations = held ? relationsToDeviceLabels(current, { ...held, maxPositives: samplesPerClass }) : current
    const references: References | undefined = held && { refEmbeddings: held.refEmbeddings }
    const { value, grads } = tf.variableGrads(() => {
      const given = { position: position as tf.Tensor1D, ...(references && { references }) }
      const selection = miner?.mine(embeddings, relations, given)
      return loss.compute(embeddings, relations, { ...given, ...(selection && { selection }) })
    }, [embeddings as tf.Variable])
    return [value, grads[embeddings.name]!]
  }, { fallback: 'throw', name: pair })
  let batch = 0
  const pass = () => {
    const from = performance.now()
    tf.tidy(() => {
      // What is worked out of labels once a batch belongs to the pass.
      current = relationsOf(labels)
      step(tf.tensor1d(drawPosition(0, 1, batch++), 'int32'), ...current.tensors)[0]!.dataSync()
    })
    return performance.now() - from
  }
  // The first is recorded, rehearsed and run as a graph; one later is rehearsed again.
  for (let recorded = 0; recorded < 3; recorded++) pass()
  const measured: number[] = []
  const start = performance.now()
  while (measured.length < 3 || (measured.length < 100 && performance.now() - start < 500)) {
    measured.push(pass())
    if (performance.now() - start > 5000) break
  }
  step.dispose()
  tf.dispose([embeddings, ...(held ? Object.values(held) : []), ...(loss.buffers?.values() ?? [])])
  return measured
}

/** A pair that is measured; a memory is full already. */
function make(memory: number): { loss: Loss; miner?: Miner } {
  switch (pair) {
    case 'AngularMiner + AngularLoss': return { loss: new losses.AngularLoss(), miner: new miners.AngularMiner() }
    case 'BatchEasyHardMiner + ContrastiveLoss': return { loss: new losses.ContrastiveLoss(), miner: new miners.BatchEasyHardMiner() }
    case 'BatchHardMiner + TripletMarginLoss': return { loss: new losses.TripletMarginLoss(), miner: new miners.BatchHardMiner() }
    case 'DistanceWeightedMiner + MarginLoss': return { loss: new losses.MarginLoss(), miner: new miners.DistanceWeightedMiner() }
    case 'HDCMiner + ContrastiveLoss': return { loss: new losses.ContrastiveLoss(), miner: new miners.HDCMiner() }
    case 'MultiSimilarityMiner + MultiSimilarityLoss': return { loss: new losses.MultiSimilarityLoss(), miner: new miners.MultiSimilarityMiner() }
    case 'MultiSimilarityMiner + TripletMarginLoss': return { loss: new losses.TripletMarginLoss(), miner: new miners.MultiSimilarityMiner() }
    case 'PairMarginMiner + ContrastiveLoss': return { loss: new losses.ContrastiveLoss(), miner: new miners.PairMarginMiner() }
    case 'TripletMarginMiner, semihard + TripletMarginLoss':
      return { loss: new losses.TripletMarginLoss(), miner: new miners.TripletMarginMiner({ typeOfTriplets: 'semihard' }) }
    case 'UniformHistogramMiner + ContrastiveLoss': return { loss: new losses.ContrastiveLoss(), miner: new miners.UniformHistogramMiner() }
    case 'CrossBatchMemory + ContrastiveLoss': return { loss: fullMemory(memory) }
  }
}

function fullMemory(memorySize: number): Loss {
  const loss = new losses.CrossBatchMemory({ loss: new losses.ContrastiveLoss(), embeddingSize: dim, memorySize })
  tf.tidy(() => {
    const values = { embeddingMemory: rows(memorySize), labelMemory: tf.tensor1d(classes(memorySize), 'int32'), queueCount: tf.scalar(memorySize, 'int32') }
    for (const [name, value] of Object.entries<tf.Tensor>(values)) loss.buffers.get(name)!.assign(value)
  })
  return loss
}
