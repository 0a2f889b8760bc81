import * as tf from '@tensorflow/tfjs-core'
import { Random, type ComputeOptions, type Distance, type JudgeObserver, type LossTerm, type Reducer } from '@metric-learning/contracts'
import { CosineSimilarity, DotProductSimilarity, LpDistance } from '@metric-learning/distances'
import { FusedKernel, hasFusedKernel, Scheduled, stepCompiler } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { describe, expect, it, vi } from 'vitest'
import { ContrastiveLoss } from '../contrastive-loss.js'
import { CrossBatchMemory } from '../wrappers/cross-batch-memory/cross-batch-memory.js'

/** Goes by values: a copy of a term says nothing of what they add up to. */
class ByValues implements Reducer {
  readonly name = 'ByValues'
  readonly reducer = new AvgNonZeroReducer()
  reduce(...[{ values, weights }, labels, name]: Parameters<Reducer['reduce']>): tf.Scalar {
    return this.reducer.reduce({ over: 'pair', values, weights: weights! } satisfies LossTerm, labels, name)
  }
}

const random = new Random(9)
const rows = (count: number) => tf.tensor2d(Float32Array.from({ length: count * 6 }, () => random.normal()), [count, 6])
const labelsOf = (count: number) => Array.from({ length: count }, () => random.int(4))
const [embeddings, labels, refEmbeddings, refLabels] = [rows(40), labelsOf(40), rows(70), labelsOf(70)]
const equal = (got: tf.Tensor[], wanted: tf.Tensor[]) => {
  got.forEach((tensor, i) => {
    expect(tensor.shape).toEqual(wanted[i]!.shape)
    const expected = wanted[i]!.dataSync()
    tensor.dataSync().forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 5))
  })
}
const distances: Readonly<Record<string, [Distance, margins: { readonly posMargin: number; readonly negMargin: number }]>> = {
  'Euclidean distances': [new LpDistance(), { posMargin: 0.1, negMargin: 1.2 }],
  'Euclidean distances of which all cost something': [new LpDistance(), { posMargin: 0, negMargin: 3 }],
  'Euclidean distances as they are': [new LpDistance({ normalizeEmbeddings: false }), { posMargin: 2, negMargin: 3 }],
  'cosines': [new CosineSimilarity(), { posMargin: 0.9, negMargin: 0.2 }],
  'products': [new DotProductSimilarity({ normalizeEmbeddings: false }), { posMargin: 2, negMargin: -1 }],
}

describe.runIf(hasFusedKernel(FusedKernel.pairHinges))('fusedHinges', () => {
  describe.each(Object.entries(distances))('of %s', (_, [distance, margins]) => {
    const [fused, composed] = [new AvgNonZeroReducer(), new ByValues()].map((reducer) => new ContrastiveLoss({ ...margins, distance, reducer })) as [ContrastiveLoss, ContrastiveLoss]

    it.each<[string, ComputeOptions]>([
      ['a batch', {}],
      ['a batch against references', { references: { refEmbeddings, refLabels } }],
      ['a batch against itself as references', { references: { refEmbeddings: embeddings, refLabels: labels } }],
      ['a batch against itself and more', { references: { refEmbeddings: tf.concat([embeddings, refEmbeddings]), refLabels: [...labels, ...refLabels], sameSet: true } }],
    ])('are those of values, in %s, with their gradients', (_, options) => {
      const both = [fused, composed].map((loss) => {
        if (!options.references) return tf.valueAndGrads((x: tf.Tensor) => loss.compute(x as tf.Tensor2D, labels))([embeddings])
        const { refEmbeddings, ...others } = options.references
        return tf.valueAndGrads((x: tf.Tensor, y: tf.Tensor) => loss.compute(x as tf.Tensor2D, labels, { references: { ...others, refEmbeddings: y as tf.Tensor2D } }))([embeddings, refEmbeddings])
      })
      equal([both[0]!.value, ...both[0]!.grads], [both[1]!.value, ...both[1]!.grads])
    })

    it('are formed anew for a reducer that goes by values, where an observer has freed those that it looked at', () => {
      const observer: JudgeObserver = {
        terms: (terms) => tf.tidy(() => void Object.values(terms).map(({ values, weights }) => tf.sum(tf.mul(values, weights!)))),
        countEmpty: () => undefined,
        within: () => observer,
      }
      const wanted = composed.compute(embeddings, labels)
      equal([composed.compute(embeddings, labels, { observer })], [wanted])
      equal([tf.valueAndGrad((x) => composed.compute(x as tf.Tensor2D, labels, { observer }))(embeddings).value], [wanted])
    })

    it('tell an observer how many pairs there are and cost something, without forming them, and are no worse for it', () => {
      const observed: number[][] = []
      const observer: JudgeObserver = {
        terms: (terms) =>
          tf.tidy(() => {
            for (const term of Object.values(terms)) {
              const { count, all } = term.aboveZero!()
              observed.push([count, all()].map((sum) => sum.dataSync()[0]!))
              observed.push([tf.sum(tf.mul(term.weights!, tf.step(term.values))), tf.sum(term.weights!)].map((sum) => sum.dataSync()[0]!))
            }
          }),
        countEmpty: () => undefined,
        within: () => observer,
      }
      const options = { references: { refEmbeddings, refLabels } }
      const plain = tf.valueAndGrad((x) => fused.compute(x as tf.Tensor2D, labels, options))(embeddings)
      const watched = tf.valueAndGrad((x) => fused.compute(x as tf.Tensor2D, labels, { ...options, observer }))(embeddings)
      equal([watched.value, watched.grad], [plain.value, plain.grad])
      expect(observed).toHaveLength(4)
      expect(observed[0]).toEqual(observed[1])
      expect(observed[2]).toEqual(observed[3])
      expect(observed[0]![1]! + observed[2]![1]!).toBe(40 * 70)
    })

    it('are the same compiled', () => {
      const compiler = stepCompiler()
      if (!compiler) return
      const gradient = (x: tf.Tensor) => {
        const { value, grads } = tf.valueAndGrads((y: tf.Tensor) => fused.compute(y as tf.Tensor2D, labels, { references: { refEmbeddings, refLabels } }))([x])
        return [value, ...grads]
      }
      const compiled = compiler((x) => gradient(x!))
      for (let step = 0; step < 3; step++) equal(compiled(embeddings), gradient(embeddings))
      compiled.dispose()
    })
  })

  it('add up what a memory holds, step after step', () => {
    const [fused, composed] = [new AvgNonZeroReducer(), new ByValues()].map((reducer) =>
      new CrossBatchMemory({ loss: new ContrastiveLoss({ negMargin: 1.2, reducer }), embeddingSize: 6, memorySize: 30 })) as [CrossBatchMemory, CrossBatchMemory]
    for (let step = 0; step < 5; step++) {
      const [batch, classes] = [rows(12), labelsOf(12)]
      const [got, wanted] = [fused, composed].map((loss) => tf.valueAndGrads((x: tf.Tensor) => loss.compute(x as tf.Tensor2D, classes))([batch]))
      equal([got!.value, ...got!.grads], [wanted!.value, ...wanted!.grads])
    }
  })

  it('follow a margin that is scheduled', () => {
    const negMargin = new Scheduled(1)
    const loss = new ContrastiveLoss({ negMargin })
    const atFirst = loss.compute(embeddings, labels).dataSync()[0]
    negMargin.value = 1.3
    equal([loss.compute(embeddings, labels)], [new ContrastiveLoss({ negMargin: 1.3, reducer: new ByValues() }).compute(embeddings, labels)])
    expect(loss.compute(embeddings, labels).dataSync()[0]).not.toBe(atFirst)
  })

  it('form no values, but for who asks for them', () => {
    const loss = new ContrastiveLoss()
    const asked = vi.spyOn(loss.distance, 'matrix')
    loss.compute(embeddings, labels)
    expect(asked).not.toHaveBeenCalled()
    loss.compute(embeddings, labels, { observer: { terms: ({ posLoss }) => expect(posLoss!.values.shape).toEqual([40, 40]) } as NonNullable<ComputeOptions['observer']> })
    expect(asked).toHaveBeenCalledTimes(1)
  })
})
