import * as tf from '@tensorflow/tfjs-core'
import { MetricLearningError } from '@metric-learning/contracts'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { randomEmbeddings, shuffledRows } from './batches.js'
import { check, type Skips } from './conformance.js'
import { differences } from './differences.js'
import { expectNoLeak } from './expect-no-leak.js'
import { expectFinite, expectNumbers, expectSame, type Tolerance } from './expect-numbers.js'
import { refusingReads } from './refuse-reads.js'

/** What {@link describeDistance} checks. */
export type DistanceCheck =
  | 'gradient' | 'selfDistance' | 'rows' | 'order' | 'duplicates' | 'zeroVectors' | 'largeNorm' | 'permutation' | 'badInput' | 'leaks' | 'hostReads'

/** A distance as far as it is tried: the `Distance` of `@metric-learning/distances`, which is tested by this suite itself. */
export interface TriedDistance {
  readonly isInverted: boolean
  matrix(query: tf.Tensor2D, references?: tf.Tensor2D): tf.Tensor2D
  betweenRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D
  margin(x: tf.Tensor, y: tf.Tensor): tf.Tensor
  closest(x: tf.Tensor, y: tf.Tensor): tf.Tensor
  farthest(x: tf.Tensor, y: tf.Tensor): tf.Tensor
  closestAlong(x: tf.Tensor, axis: number): { readonly values: tf.Tensor }
  farthestAlong(x: tf.Tensor, axis: number): { readonly values: tf.Tensor }
}

/** How a distance is tried. */
export interface DistanceConformance {
  readonly create: () => TriedDistance
  /** Width of the embeddings. Default 4. */
  readonly embeddingSize?: number
  /** Half the distance of two values whose difference is taken for the gradient. Default 2e-3. */
  readonly step?: number
  /** How far the gradient may be from that difference. Default 2e-3 + 0.03 · |difference|. */
  readonly gradientTolerance?: Tolerance
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<DistanceCheck>
}

/**
 * Whether a distance keeps its contract: gradients that differences confirm, exact on equal embeddings, finite on
 * duplicates, rows and matrix in agreement, one meaning of closer throughout.
 *
 * @example describeDistance('CanberraDistance', { create: () => new CanberraDistance() })
 */
export function describeDistance(name: string, conformance: DistanceConformance): void {
  const { create, embeddingSize = 4, step = 2e-3, gradientTolerance = { atol: 2e-3, rtol: 0.03 }, skip = {} } = conformance

  describe(name, () => {
    const distance = create()
    let [query, references]: tf.Tensor2D[] = []
    beforeAll(() => {
      ;[query, references] = [randomEmbeddings(5, embeddingSize), randomEmbeddings(6, embeddingSize, 12)]
    })
    afterAll(() => {
      tf.dispose([query!, references!])
    })
    const weighted = (matrix: tf.Tensor2D) => tf.sum<tf.Scalar>(tf.mul(matrix, tf.linspace(1, 2, matrix.shape[1])))
    const amongRows = (x: tf.Tensor) => weighted(distance.matrix(x as tf.Tensor2D))
    const gradient = (x: tf.Tensor2D) => tf.grad((at: tf.Tensor) => weighted(distance.matrix(at as tf.Tensor2D, references)))(x)

    check('has the gradient that differences give', skip.gradient, () => {
      const numeric = differences((x) => weighted(distance.matrix(x as tf.Tensor2D, references)), query!, step)
      expectNumbers('gradient', gradient(query!).dataSync(), numeric, gradientTolerance)
      const betweenCopies = (x: tf.Tensor) => weighted(distance.matrix(x as tf.Tensor2D, tf.clone(x) as tf.Tensor2D))
      expectSame('gradient of a batch with itself', tf.grad(amongRows)(query!), tf.grad(betweenCopies)(query!))
    })

    check('is exactly 0 between equal embeddings', skip.selfDistance ?? (distance.isInverted ? 'it is a similarity' : undefined), () => {
      const self = tf.tidy(() => tf.sum(tf.mul(distance.matrix(query!), tf.eye(5)), 1).dataSync())
      expect(Array.from(self)).toEqual([0, 0, 0, 0, 0])
    })

    check('is the same between rows as in a matrix', skip.rows, () => {
      const first = tf.slice(references!, 0, 5)
      const diagonal = tf.sum(tf.mul(distance.matrix(query!, first), tf.eye(5)), 1)
      expectSame('between rows', distance.betweenRows(query!, first), diagonal)
      expectSame('matrix of a batch with itself', distance.matrix(query!), distance.matrix(query!, tf.clone(query!)))
    })

    check('means the same by closer in all of its methods', skip.order, () => {
      const [x, y] = [tf.tensor1d([1, 2]), tf.tensor1d([2, 1])]
      const [close, far] = distance.isInverted ? [tf.tensor1d([2, 2]), tf.tensor1d([1, 1])] : [tf.tensor1d([1, 1]), tf.tensor1d([2, 2])]
      expectSame('closest', distance.closest(x, y), close)
      expectSame('farthest', distance.farthest(x, y), far)
      expectSame('margin', distance.margin(far, close), tf.tensor1d([1, 1]))
      expectSame('closest along an axis', distance.closestAlong(tf.stack([x, y]), 0).values, close)
      expectSame('farthest along an axis', distance.farthestAlong(tf.stack([x, y]), 0).values, far)
    })

    const hostile = {
      duplicates: ['duplicates', () => tf.slice(references!, 0, 5)],
      zeroVectors: ['zero vectors', () => tf.zerosLike(query!)],
      largeNorm: ['embeddings of norm 1e4', () => tf.mul<tf.Tensor2D>(query!, 1e4)],
    } as const
    for (const [key, [title, make]] of Object.entries(hostile) as [keyof typeof hostile, (typeof hostile)['duplicates']][]) {
      check(`is finite, gradient included, on ${title}`, skip[key], () => {
        const x = make()
        expectFinite('matrix', distance.matrix(x, references!))
        expectFinite('gradient', gradient(x))
        expectFinite('gradient of a batch with itself', tf.grad(amongRows)(x))
      })
    }

    check('does not depend on the order of rows', skip.permutation, () => {
      const order = shuffledRows(5)
      expectSame('matrix', distance.matrix(tf.gather(query!, order), references!), tf.gather(distance.matrix(query!, references!), order))
    })

    check('refuses bad input with an error of this library', skip.badInput, () => {
      expect(() => distance.matrix(query!, tf.zeros([3, embeddingSize + 1]))).toThrow(MetricLearningError)
      expect(() => distance.matrix(tf.zeros([embeddingSize]) as unknown as tf.Tensor2D)).toThrow(MetricLearningError)
    })

    check('leaves no tensor behind', skip.leaks, () => {
      expectNoLeak(100, () => distance.matrix(query!, references!))
      expectNoLeak(10, () => distance.betweenRows(query!, query!))
    })

    check('reads nothing back from the device', skip.hostReads, () => {
      refusingReads(() => tf.tidy(() => void gradient(query!)))
    })
  })
}
