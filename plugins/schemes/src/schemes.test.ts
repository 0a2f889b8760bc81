import * as tf from '@tensorflow/tfjs-core'
import type { Batch, Module } from '@metric-learning/contracts'
import { MLP } from '@metric-learning/models'
import { firstDrawPosition, reachableFields, relationsOf, Scheduled } from '@metric-learning/ops'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deepAdversarialMetricLearning } from './deep-adversarial-metric-learning.js'
import { trainWithClassifier } from './train-with-classifier.js'
import { twoViews } from './two-views.js'

const mode = { training: true }
const labels = [0, 0, 1, 1, 2, 2]
let batch: Batch
beforeEach(() => {
  tf.engine().startScope()
  const views = [1, 2].map((seed) => tf.randomNormal([labels.length, 3], 0, 1, 'float32', seed))
  const relations = relationsOf(labels)
  batch = { views, samples: views[0]!, rows: tf.range(0, labels.length, 1, 'int32'), position: firstDrawPosition(), relations: () => relations }
})
afterEach(() => {
  tf.engine().endScope()
})

const layer = (inputSize: number, outputSize: number, seed: number): Module => new MLP({ inputSize, hiddenSizes: [], outputSize, seed })
const values = (tensor: tf.Tensor | undefined) => [...tensor!.dataSync()]

describe('trainWithClassifier', () => {
  it('classifies embeddings', () => {
    const [trunk, embedder, classifier] = [layer(3, 5, 1), layer(5, 4, 2), layer(4, 3, 3)]
    const scheme = trainWithClassifier({ trunk, embedder, classifier })
    const { embeddings, logits } = scheme.forward(batch, mode)
    expect(Object.keys(scheme.modules)).toEqual(['trunk', 'embedder', 'classifier'])
    expect(values(embeddings)).toEqual(values(embedder.call(trunk.call(batch.samples, mode), mode)))
    expect(values(logits)).toEqual(values(classifier.call(embeddings!, mode)))
    const bare = trainWithClassifier({ trunk, classifier: layer(5, 3, 4) })
    expect(bare.forward(batch, mode)['logits']!.shape).toEqual([6, 3])
  })
})

describe('twoViews', () => {
  it('embeds both views, row by row', () => {
    const [trunk, embedder] = [layer(3, 5, 1), layer(5, 4, 2)]
    const scheme = twoViews({ trunk, embedder })
    expect(scheme.views).toBe(2)
    const { embeddings, otherEmbeddings } = scheme.forward(batch, mode)
    for (const [got, view] of [[embeddings, batch.views[0]!], [otherEmbeddings, batch.views[1]!]] as const) {
      values(got).forEach((value, i) => expect(value).toBeCloseTo(values(embedder.call(trunk.call(view, mode), mode))[i]!, 5))
    }
  })
})

describe('deepAdversarialMetricLearning', () => {
  const metric = { name: 'metric', loss: { name: 'none', parameters: new Map(), compute: (x: tf.Tensor) => tf.mul(tf.mean(x), 0) as tf.Scalar } }
  const make = (options: object = {}) =>
    deepAdversarialMetricLearning({ trunk: layer(3, 5, 1), embedder: layer(5, 4, 2), generator: layer(15, 5, 3), metric, tripletsPerAnchor: 3, ...options })

  it('has two updates, each of its own modules', () => {
    const scheme = make()
    expect(scheme.updates!.map(({ name, modules, objectives }) => [name, modules, objectives.map((objective) => objective.name)])).toEqual([
      ['generator', ['generator'], ['adversarial', 'hard', 'regular']],
      ['metric', ['trunk', 'embedder'], ['metric', 'synth']],
    ])
  })

  it('computes the losses of its docstring', () => {
    const scheme = make({ adversarialMargin: 0.3, synthMargin: 0.2 })
    const [generator, metricUpdate] = scheme.updates!
    const made = generator!.forward!(batch, mode)
    const rows = 3 * labels.length
    expect(made['synthetic']!.shape).toEqual([rows, 5])
    const value = (update: NonNullable<typeof generator>, name: string, outputs: typeof made): number => {
      const { loss, of, against } = update.objectives.find((objective) => objective.name === name)!
      return values(loss.compute(outputs[of!] as tf.Tensor2D, undefined, { references: { refEmbeddings: outputs[against!] as tf.Tensor2D } }))[0]!
    }
    const unit = (x: readonly number[]) => x.map((one) => one / Math.hypot(...x))
    const rowsOf = (tensor: tf.Tensor | undefined) => (tensor as tf.Tensor2D).arraySync()
    const meanSquare = (a: number[][], b: number[][]) =>
      a.flatMap((x, i) => unit(x).map((one, j) => (one - unit(b[i]!)[j]!) ** 2)).reduce((sum, one) => sum + one, 0) / (a.length * a[0]!.length)
    expect(value(generator!, 'hard', made)).toBeCloseTo(meanSquare(rowsOf(made['synthetic']), rowsOf(made['anchors'])), 5)
    expect(value(generator!, 'regular', made)).toBeCloseTo(meanSquare(rowsOf(made['synthetic']), rowsOf(made['negatives'])), 5)

    const hinges = (triplets: number[][], of: (ap: number, an: number) => number) => {
      const between = (a: number[], b: number[]) => Math.hypot(...unit(a).map((one, j) => one - unit(b)[j]!))
      const all = Array.from({ length: rows }, (_, i) => Math.max(0, of(between(triplets[i]!, triplets[rows + i]!), between(triplets[i]!, triplets[2 * rows + i]!))))
      const above = all.filter((one) => one > 0)
      return above.reduce((sum, one) => sum + one, 0) / Math.max(1, above.length)
    }
    expect(value(generator!, 'adversarial', made)).toBeCloseTo(hinges(rowsOf(made['triplets']), (ap, an) => an - ap + 0.3), 5)
    const judged = metricUpdate!.forward!(batch, mode)
    expect(value(metricUpdate!, 'synth', judged)).toBeCloseTo(hinges(rowsOf(judged['triplets']), (ap, an) => ap - an + 0.2), 5)
  })

  it.each([['synthMargin', 1, 'synth'], ['adversarialMargin', 0, 'adversarial']])('takes %s as it changes', (option, update, name) => {
    const margin = new Scheduled(0.2, option)
    const scheme = make({ [option]: margin })
    // There a run finds it to save and to log.
    expect([...reachableFields({ scheme })].filter(({ value }) => value === margin)).toHaveLength(1)
    const { objectives, forward } = scheme.updates![update]!
    const { loss, of, against } = objectives.find((objective) => objective.name === name)!
    const outputs = forward!(batch, mode)
    const value = () => values(loss.compute(outputs[of!] as tf.Tensor2D, undefined, { references: { refEmbeddings: outputs[against!] as tf.Tensor2D } }))[0]!
    margin.value = 4
    const before = value()
    margin.value = 5
    // Where every triplet is within the margin, so that the mean goes up with it.
    expect(value() - before).toBeCloseTo(1, 5)
    margin.dispose()
  })

  it('leaves triplets out that the labels do not allow', () => {
    const relations = relationsOf([0, 0, 1, 2, 3, 4])
    const scheme = make()
    const { allowed } = scheme.updates![0]!.forward!({ ...batch, relations: () => relations }, mode)
    expect(values(allowed)).toEqual([1, 1, 1, 1, 1, 1, ...Array<number>(12).fill(0)])
  })

  it.each([
    [{ tripletsPerAnchor: 0 }, '`tripletsPerAnchor` to be an integer of at least 1'],
    [{ synthMargin: NaN }, '`synthMargin`'],
    [{ weights: { hrad: 1 } }, 'got `hrad`'],
    [{ margin: 1 }, 'got `margin`'],
  ])('refuses %j', (options, message) => {
    expect(() => make(options)).toThrow(message)
  })
})
