import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { drawPosition, relationsOf, selectAllTriplets, stepCompiler } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { ManifoldLoss } from './manifold-loss.js'
import { MarginLoss } from './margin-loss.js'
import { TripletMarginLoss } from './triplet-margin-loss.js'

const labels = [0, 1, 0, 2, 1, 0, 1, 3]
const embeddings = tf.tensor2d(Float32Array.from({ length: 24 }, (_, i) => Math.sin(i * i)), [8, 3])
const distance = new LpDistance({ normalizeEmbeddings: false })

describe.each([
  ['TripletMarginLoss', (options: object) => new TripletMarginLoss({ margin: 1, distance, ...options })],
  ['TripletMarginLoss, swap', (options: object) => new TripletMarginLoss({ margin: 1, distance, swap: true, ...options })],
  ['MarginLoss', (options: object) => new MarginLoss({ distance, ...options })],
  ['MarginLoss with a β a class', (options: object) => new MarginLoss({ distance, learnBeta: true, nu: 0.1, numClasses: 4, ...options })],
] as const)('%s, tripletsPerAnchor', (_name, create) => {
  const value = (loss: { compute: TripletMarginLoss['compute'] }) => tf.tidy(() => loss.compute(embeddings, labels).arraySync())

  it('comes close to all triplets with many draws', () => {
    expect(value(create({ tripletsPerAnchor: 4000 })) / value(create({}))).toBeCloseTo(1, 1)
  })

  it('draws others in each call, the same from the same seed or saved state', () => {
    const [one, other] = [create({ tripletsPerAnchor: 2, seed: 5 }), create({ tripletsPerAnchor: 2, seed: 5 })]
    const values = [value(one), value(one), value(one)]
    expect(new Set(values).size).toBeGreaterThan(1)
    expect([value(other), value(other), value(other)]).toEqual(values)
    const next = value(one)
    const restored = create({ tripletsPerAnchor: 2, seed: 5 })
    restored.buffers.get('draws')!.assign(other.buffers.get('draws') as tf.Tensor)
    expect(value(restored)).toBe(next)
  })

  it('draws by the position that it is given, and leaves its own where it was', () => {
    const [one, other] = [create({ tripletsPerAnchor: 2, seed: 5 }), create({ tripletsPerAnchor: 2, seed: 5 })]
    const at = (loss: typeof one, batch: number) =>
      tf.tidy(() => loss.compute(embeddings, labels, { position: tf.tensor1d(drawPosition(0, 1, batch), 'int32') }).arraySync())
    const batches = [0, 1, 2, 3, 4, 5].map((batch) => at(one, batch))
    expect(new Set(batches).size).toBeGreaterThan(1)
    expect([5, 4, 3, 2, 1, 0].map((batch) => at(other, batch)).reverse()).toEqual(batches)
    expect(value(one)).toBe(value(create({ tripletsPerAnchor: 2, seed: 5 })))
  })

  it('leaves selections alone', () => {
    const selection = selectAllTriplets(relationsOf(labels))
    expect(tf.tidy(() => create({ tripletsPerAnchor: 1 }).compute(embeddings, labels, { selection }).arraySync())).toBeCloseTo(value(create({})), 6)
  })

  it.runIf(stepCompiler())('draws the same compiled as eagerly', () => {
    const [alone, whole] = [create({ tripletsPerAnchor: 3 }), create({ tripletsPerAnchor: 3 })]
    const relations = relationsOf(labels)
    const step = stepCompiler()!(() => {
      const { value: at, grad } = tf.valueAndGrad((x: tf.Tensor) => whole.compute(x as tf.Tensor2D, relations))(embeddings)
      return [at, grad]
    }, { fallback: 'throw' })
    for (let call = 0; call < 5; call++) {
      const [at, gradient] = step()
      const expected = tf.valueAndGrad((x: tf.Tensor) => alone.compute(x as tf.Tensor2D, relations))(embeddings)
      expect(at!.dataSync()[0]).toBeCloseTo(expected.value.dataSync()[0]!, 5)
      const wanted = expected.grad.dataSync()
      gradient!.dataSync().forEach((slope, i) => expect(slope).toBeCloseTo(wanted[i]!, 5))
    }
    step.dispose()
  })

  it('refuses other numbers', () => {
    expect(() => create({ tripletsPerAnchor: 0 })).toThrow('`tripletsPerAnchor` to be an integer of at least 1, got 0')
    expect(() => create({ tripletsPerAnchor: 'some' })).toThrow('`tripletsPerAnchor`')
    expect(() => create({ seed: 0.5 })).toThrow('`seed`')
  })
})

describe('ManifoldLoss without labels', () => {
  it.runIf(stepCompiler())('draws meta classes in a captured step too', () => {
    const loss = new ManifoldLoss({ l: 3, K: 3 })
    const step = stepCompiler()!(() => [loss.compute(embeddings, undefined)], { fallback: 'throw' })
    const values = [1, 2, 3, 4, 5, 6].map(() => step()[0]!.dataSync()[0]!)
    expect(new Set(values.slice(2)).size).toBeGreaterThan(1)
    step.dispose()
  })
})
