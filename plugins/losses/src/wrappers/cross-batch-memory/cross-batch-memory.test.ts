import * as tf from '@tensorflow/tfjs-core'
import { LabelError, OptionError, sharesLabel, type LabelRelations, type Labels, type MineOptions, type Miner, type TripletSelection } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { relationsByComparison, relationsOf, selectAllPairs, stepCompiler, type Comparison } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { ContrastiveLoss } from '../../contrastive-loss.js'
import { CrossBatchMemory } from './cross-batch-memory.js'
import { NPairsLoss } from '../../n-pairs-loss.js'
import { TripletMarginLoss } from '../../triplet-margin-loss.js'

const rows = (count: number, seed: number) => tf.randomNormal<tf.Rank.R2>([count, 3], 0, 1, 'float32', seed)
const state = (memory: CrossBatchMemory) => ({
  labels: Array.from(memory.buffers.get('labelMemory')!.dataSync()),
  next: memory.buffers.get('queueIndex')!.dataSync()[0],
  count: memory.buffers.get('queueCount')!.dataSync()[0],
})
const memoryOf = (memorySize: number, loss: ContrastiveLoss | TripletMarginLoss = new ContrastiveLoss()) =>
  new CrossBatchMemory({ loss, embeddingSize: 3, memorySize })

describe('the memory', () => {
  it('is a ring: the newest rows take the place of the oldest', () => {
    const memory = memoryOf(5)
    memory.compute(rows(3, 1), [1, 2, 3])
    expect(state(memory)).toEqual({ labels: [1, 2, 3, 0, 0], next: 3, count: 3 })
    const second = rows(3, 2)
    memory.compute(second, [4, 5, 6])
    expect(state(memory)).toEqual({ labels: [6, 2, 3, 4, 5], next: 1, count: 5 })
    const remembered = memory.buffers.get('embeddingMemory')!.arraySync() as number[][]
    expect([remembered[3], remembered[4], remembered[0]]).toEqual(second.arraySync())
    memory.resetQueue()
    expect(state(memory)).toEqual({ labels: [0, 0, 0, 0, 0], next: 0, count: 0 })
  })

  it('gives the loss of the batch alone, as references without themselves, while it holds no more', () => {
    const [batch, labels] = [rows(4, 3), [0, 0, 1, 1]]
    const alone = new ContrastiveLoss().compute(batch, labels).arraySync()
    expect(memoryOf(4).compute(batch, labels).arraySync()).toBeCloseTo(alone, 5)
    expect(memoryOf(9).compute(batch, labels).arraySync()).toBeCloseTo(alone, 5)
    expect(memoryOf(9, new TripletMarginLoss()).compute(batch, labels).arraySync()).toBeCloseTo(
      new TripletMarginLoss().compute(batch, labels).arraySync(),
      5,
    )
  })

  // PyTorch Metric Learning saves the embeddings, but neither where the next ones go nor whether it is full.
  it('goes on where it was saved', () => {
    const [first, second] = [memoryOf(5), memoryOf(5)]
    first.compute(rows(3, 1), [1, 2, 3])
    for (const [name, buffer] of second.buffers) buffer.assign(tf.clone(first.buffers.get(name)! as tf.Tensor))
    const values = [first, second].map((memory) => memory.compute(rows(3, 2), [1, 2, 3]).arraySync())
    expect(values[0]).toBe(values[1])
    expect(state(second)).toEqual(state(first))
  })
})

describe('warm-up', () => {
  it('compares batches with themselves alone, and then begins to fill', () => {
    const memory = new CrossBatchMemory({ loss: new ContrastiveLoss(), embeddingSize: 3, memorySize: 7, warmUp: 2 })
    const labels = [0, 0, 1]
    const alone = (seed: number) => new ContrastiveLoss().compute(rows(3, seed), labels).arraySync()
    for (const seed of [1, 2]) {
      expect(memory.compute(rows(3, seed), labels).arraySync()).toBeCloseTo(alone(seed), 5)
      expect(state(memory)).toMatchObject({ next: 3, count: 3 })
    }
    const later = memory.compute(rows(3, 3), labels).arraySync()
    expect(state(memory)).toMatchObject({ next: 6, count: 6 })
    expect(later).not.toBeCloseTo(alone(3), 3)
    memory.resetQueue()
    expect(memory.buffers.get('warmUpLeft')!.dataSync()[0]).toBe(2)
  })
})

describe('a step with a full memory', () => {
  const [batch, labels] = [rows(4, 1), [0, 0, 1, 1]]

  const losses = [new ContrastiveLoss(), new TripletMarginLoss()]
  const ways = [false, ...(stepCompiler() ? [true] : [])].flatMap((isCompiled) => losses.map((loss) => ({ isCompiled, loss, times: isCompiled ? 1000 : 100 })))

  it.each(ways)('leaves nothing behind, $times times, with $loss.name (compiled: $isCompiled)', ({ isCompiled, loss, times }) => {
    const memory = memoryOf(16, loss)
    const relations = relationsOf(labels)
    const step = (x: tf.Tensor) => [tf.grad((at: tf.Tensor) => memory.compute(at as tf.Tensor2D, relations))(x)]
    const compiled = isCompiled ? stepCompiler()?.((x) => step(x!)) : undefined
    const run = (count: number) => {
      for (let i = 0; i < count; i++) tf.tidy(() => void (compiled ? compiled(batch, ...relations.tensors) : step(batch)))
    }
    run(20)
    const { numTensors, numBytes } = tf.memory()
    run(times)
    expect(tf.memory()).toMatchObject({ numTensors, numBytes })
    expect(state(memory)).toMatchObject({ count: 16, next: (4 * (times + 20)) % 16 })
    compiled?.dispose()
  })

  it('takes nothing of the size of the memory squared, nor copies of it for each row', async () => {
    const [size, n] = [5000, batch.shape[0]]
    const memory = memoryOf(size)
    const { kernels } = await tf.profile(() => tf.grad((x: tf.Tensor) => memory.compute(x as tf.Tensor2D, labels))(batch))
    const largest = Math.max(...kernels.flatMap(({ outputShapes }) => outputShapes.map((shape) => tf.util.sizeFromShape(shape))))
    expect(largest).toBeLessThanOrEqual(n * size)
  })
})

describe('what is compared', () => {
  // PyTorch Metric Learning takes row numbers of the batch for slots of the memory.
  it('is a selection of the batch in the slots of the batch', () => {
    const [before, batch] = [rows(3, 4), rows(3, 5)]
    const selection = { anchor1: [0], positive: [1], anchor2: [0], negative: [2] }
    const memory = memoryOf(9)
    memory.compute(before, [0, 1, 2])
    // No label occurs twice, so that the selection holds the only positive pair.
    const posOnly = new ContrastiveLoss({ negMargin: 0 })
    const distance = new LpDistance().matrix(batch).arraySync()[0]![1]!
    const value = memory.compute(batch, [3, 4, 5], { selection }).arraySync() - withoutPositives(before, batch)
    expect(value).toBeCloseTo(posOnly.compute(batch, [3, 4, 5], { selection }).arraySync(), 5)
    expect(value).toBeCloseTo(distance, 5)
  })

  it('is the batch twice when the batch is selected besides', () => {
    const [batch, labels] = [rows(4, 6), [0, 0, 1, 1]]
    const selection = { anchor: [0, 1], positive: [1, 0], negative: [2, 3] }
    const memory = memoryOf(8, new TripletMarginLoss({ margin: 0.5 }))
    expect(() => memory.compute(batch, labels, { selection })).not.toThrow()
  })

  // PyTorch Metric Learning compares a single row with itself.
  it('is never a row with itself, in a batch of one either', () => {
    const memory = memoryOf(4)
    expect(memory.compute(rows(1, 7), [0]).arraySync()).toBe(0)
    const other = rows(1, 8)
    const pair = new ContrastiveLoss().compute(tf.concat([other, rows(1, 7)]), [0, 0]).arraySync()
    expect(memory.compute(other, [0]).arraySync()).toBeCloseTo(pair, 5)
  })

  it('is nothing beyond maxPositives, for losses that look at positives one by one', () => {
    const loss = new TripletMarginLoss({ margin: 5 })
    const [all, one] = [{}, { maxPositives: 1 }].map((option) => new CrossBatchMemory({ loss, embeddingSize: 3, memorySize: 6, ...option }))
    const values = [all, one].map((memory) => memory!.compute(rows(6, 9), [0, 0, 0, 1, 1, 1]).arraySync())
    expect(values[0]).not.toBe(values[1])
  })

  // Such a loss draws where nothing is selected.
  it('is left to a loss that draws its triplets', () => {
    const memory = new CrossBatchMemory({ loss: new TripletMarginLoss({ tripletsPerAnchor: 2 }), embeddingSize: 3, memorySize: 6 })
    const draws = () => [...memory.buffers.get('loss.draws')!.dataSync()]
    const before = draws()
    memory.compute(rows(6, 9), [0, 0, 0, 1, 1, 1])
    expect(draws()).not.toEqual(before)
  })

  it('is never the row itself for a miner, which could take it for the easiest positive', () => {
    const seen: number[][][] = []
    const miner: Miner = {
      name: 'watching',
      mine(_, labels) {
        const relations = labels as LabelRelations
        seen.push(relations.positives().arraySync(), relations.positiveIndex.arraySync())
        return selectAllPairs(relations)
      },
    }
    const memory = new CrossBatchMemory({ loss: new ContrastiveLoss(), embeddingSize: 3, memorySize: 4, maxPositives: 2, miner })
    memory.compute(rows(3, 9), [0, 0, 0])
    expect(seen).toEqual([[[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0]], [[1, 2], [0, 2], [0, 1]]])
  })

  it('takes triplets of a miner', () => {
    const memory = new CrossBatchMemory({ loss: new TripletMarginLoss({ margin: 0.5 }), embeddingSize: 3, memorySize: 6, miner: allTriplets })
    const [batch, labels] = [rows(6, 10), [0, 0, 1, 1, 2, 2]]
    const selection = { anchor: [0], positive: [1], negative: [2] }
    const expected = new TripletMarginLoss({ margin: 0.5 }).compute(batch, labels).arraySync()
    expect(memory.compute(batch, labels).arraySync()).toBeCloseTo(expected, 5)
    memory.resetQueue()
    expect(memory.compute(batch, labels, { selection }).arraySync()).not.toBeCloseTo(expected, 5)
  })
})

describe('enqueueMask', () => {
  // PyTorch Metric Learning takes a fresh memory for full then, and compares with its zeros.
  it('changes nothing when it is false everywhere', () => {
    const memory = memoryOf(4)
    expect(memory.compute(rows(2, 1), [0, 0], { enqueueMask: [false, false] }).arraySync()).toBe(0)
    expect(state(memory)).toEqual({ labels: [0, 0, 0, 0], next: 0, count: 0 })
  })

  // PyTorch Metric Learning loses the order, and whether it is full.
  it('keeps the last rows of more than there is room for', () => {
    const memory = memoryOf(3)
    const value = memory.compute(rows(5, 2), [1, 2, 3, 4, 5], { enqueueMask: [true, true, true, true, true] })
    expect(value.arraySync()).toBe(0)
    expect(state(memory)).toEqual({ labels: [4, 5, 3], next: 2, count: 3 })
  })

  it('compares the other rows with what is remembered', () => {
    const batch = rows(4, 3)
    const memory = memoryOf(6)
    const value = memory.compute(batch, [0, 1, 0, 1], { enqueueMask: [true, true, false, false] }).arraySync()
    const references = { refEmbeddings: tf.slice(batch, 0, 2), refLabels: [0, 1] }
    expect(value).toBeCloseTo(new ContrastiveLoss().compute(tf.slice(batch, 2), [0, 1], { references }).arraySync(), 5)
  })
})

describe('bad input', () => {
  it('is refused', () => {
    const batch = rows(4, 1)
    expect(() => memoryOf(3).compute(batch, [0, 1, 2, 3])).toThrow('CrossBatchMemory: wanted at most 3 rows, the size of the memory, got 4')
    expect(() => memoryOf(4).compute(batch, [0, 1, 2, 3], { enqueueMask: [true] })).toThrow('`enqueueMask` of 4 entries, got 1')
    const both = { enqueueMask: [true, true, false, false], selection: { anchor: [0], positive: [1], negative: [2] } }
    expect(() => memoryOf(4).compute(batch, [0, 1, 2, 3], both)).toThrow('`selection` or `enqueueMask`, got both')
    expect(() => new CrossBatchMemory({ loss: new NPairsLoss(), embeddingSize: 3 })).toThrow('got NPairsLoss')
    expect(() => memoryOf(4).compute(tf.zeros([2, 5]), [0, 1])).toThrow('[batch, 3], got [2, 5]')
  })

  it.each<[string, unknown, string]>([
    ['numbers', [1, 1, 0, 0], '1 at 0'],
    ['a hole', [true, true, , false], 'undefined at 2'],
    ['bytes', Uint8Array.of(1, 1, 0, 0), 'an object of type Uint8Array'],
    ['nothing', null, 'null'],
    ['one for all', false, 'false'],
  ])('is a mask of %s', (_, enqueueMask, got) => {
    const memory = memoryOf(4)
    const compute = () => memory.compute(rows(4, 1), [0, 1, 0, 1], { enqueueMask: enqueueMask as never })
    expect(compute).toThrow(OptionError)
    expect(compute).toThrow(`CrossBatchMemory: wanted \`enqueueMask\` to be an array of true and false, got ${got}.`)
    expect(state(memory).count).toBe(0)
  })

  it('is a loss that looks at positives one by one, in a large memory that does not say how many', () => {
    const loss = new TripletMarginLoss()
    const large = { loss, embeddingSize: 3, memorySize: 4097 }
    expect(() => new CrossBatchMemory(large).compute(rows(2, 1), [0, 0])).toThrow('wanted `maxPositives`, for who looks at positives one by one, against 4097 references')
    expect(() => new CrossBatchMemory({ ...large, maxPositives: 4 }).compute(rows(2, 1), [0, 0])).not.toThrow()
    expect(() => new CrossBatchMemory({ ...large, loss: new ContrastiveLoss() }).compute(rows(2, 1), [0, 0])).not.toThrow()
  })

  it('is a memory larger than any tensor', () => {
    expect(() => memoryOf(1e12)).toThrow(OptionError)
    expect(() => memoryOf(1e12)).toThrow('CrossBatchMemory: wanted `memorySize` times `embeddingSize` to be at most 2147483648, got 1000000000000 times 3')
  })

  it.each([undefined, sharesLabel])('is labels that are numbered anew in each batch: compared by %s', (labelComparison) => {
    const memory = memoryOf(4)
    const relations = relationsByComparison({ labelRows: [[1, 0], [0, 1]], ...(labelComparison && { labelComparison }) })
    expect(() => memory.compute(rows(2, 1), relations)).toThrow(LabelError)
    expect(() => memory.compute(rows(2, 1), relations)).toThrow('got relations by comparison')
    expect(state(memory).count).toBe(0)
  })
})

/** The loss of all negatives of the batch against the memory, when no label occurs twice, and of the selected one. */
function withoutPositives(before: tf.Tensor2D, batch: tf.Tensor2D): number {
  const memory = memoryOf(9)
  memory.compute(before, [0, 1, 2])
  const selection = { anchor1: [], positive: [], anchor2: [0], negative: [2] }
  return memory.compute(batch, [3, 4, 5], { selection }).arraySync()
}

/** Every triplet that relations have room for. */
const allTriplets: Miner<TripletSelection> = {
  name: 'all triplets',
  mine(_embeddings: tf.Tensor2D, labels: Labels | LabelRelations, _options?: MineOptions) {
    const relations = labels as Comparison['relations']
    const { negative } = selectAllPairs(relations)
    const weights = tf.mul<tf.Tensor3D>(tf.expandDims(relations.positiveIndexMask, 2), tf.expandDims(negative, 1))
    return { kind: 'triplets', positiveIndex: relations.positiveIndex, weights }
  },
}
