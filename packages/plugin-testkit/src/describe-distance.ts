import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, type Distance } from '@metric-learning/contracts'
import { stepCompiler } from '@metric-learning/ops'
import { afterAll, beforeAll, describe } from 'vitest'
import { hostileTexts, randomEmbeddings, shuffledRows } from './batches.js'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectGradient, gradientOf, type DifferenceOptions } from './differences.js'
import { expectNoLeak } from './expect-no-leak.js'
import { exactly, expectFinite, expectNumbers, expectRefused, expectSame, expectShape } from './expectations.js'
import { expectSetUp, noCompiler } from './expect-set-up.js'
import { refusingReads } from './refuse-reads.js'
import { VariableWatch } from './variable-watch.js'

const on = (hostile: 'duplicates' | 'zeroVectors' | 'largeNorm'): CheckText => ({
  title: `is finite, gradient included, on ${hostileTexts[hostile].on}`,
  look: hostileTexts[hostile].look,
})

/** What {@link describeDistance} checks. */
export const DISTANCE_CHECKS = {
  gradient: { title: 'has the gradient that differences give', look: 'matrix(), its custom gradients, and the case without references, in which a row is on both sides.' },
  selfDistance: { title: 'is exactly 0 between equal embeddings', look: '|x|² + |y|² - 2xy, which rounding leaves above 0: a batch with itself wants differences, or its diagonal cleared.' },
  rows: { title: 'is the same between rows as in a matrix', look: 'betweenRows() and matrixAt(), which normalise and raise as matrix() does, and matrix() without references.' },
  pairwise: { title: 'is the same for embeddings as they are, neither normalised nor raised', look: 'pairwiseDistance(): it knows neither `normalizeEmbeddings` nor `power`.' },
  normalization: { title: 'normalises rows to norm 1, or leaves them, as it says', look: 'normalize(), maybeNormalize() and norm(), and which of them matrix() calls: `normalizeEmbeddings` decides.' },
  order: { title: 'means the same by closer in all of its methods', look: '`isInverted`, and margin(), closest(), farthest(), closestAlong() and farthestAlong(), which go by it.' },
  duplicates: on('duplicates'),
  zeroVectors: on('zeroVectors'),
  largeNorm: on('largeNorm'),
  permutation: { title: 'does not depend on the order of rows', look: 'what matrix() does by row numbers.' },
  variables: { title: 'keeps no variable', look: '`tf.variable` in the constructor or matrix(): a distance has no parameters, so that nothing would train or save it.' },
  badInput: { title: 'refuses bad input with an error of this library', look: 'the first lines of matrix(): `expectShape` of contracts for queries, then for references of the same width.' },
  leaks: { title: 'leaves no tensor behind', look: '`tf.keep` in matrix() and betweenRows(), and work outside of `tf.tidy`.' },
  hostReads: { title: 'reads nothing back from the device', look: '`dataSync` and `arraySync` in matrix() and in its gradient.' },
  compile: { title: 'compiles, and gives the same as one graph', look: 'what matrix() decides on the host from call to call: in a graph it is decided once.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeDistance}. */
export type DistanceCheck = keyof typeof DISTANCE_CHECKS

/** How a distance is tried. */
export interface DistanceConformance extends DifferenceOptions {
  readonly create: () => Distance
  /** Width of the embeddings. Default 4. */
  readonly embeddingSize?: number
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
  expectKnownOptions('describeDistance', conformance, ['create', 'embeddingSize', 'step', 'gradientTolerance', 'skip'])
  const { create, embeddingSize = 4, skip = {} } = conformance
  const check = checksOf('describeDistance', DISTANCE_CHECKS, skip)

  describe(name, () => {
    expectSetUp(name)
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
    const toReferences = (x: tf.Tensor) => weighted(distance.matrix(x as tf.Tensor2D, references))
    const gradient = (x: tf.Tensor2D) => gradientOf('the gradient of queries', toReferences, x)

    const amongThemselves = (x: tf.Tensor2D) => gradientOf('the gradient of a batch with itself', amongRows, x)

    check('gradient', () => {
      expectShape('the matrix', distance.matrix(query!, references!), [5, 6])
      expectGradient('the gradient of queries', gradient(query!), toReferences, query!, conformance)
      const betweenCopies = (x: tf.Tensor) => weighted(distance.matrix(x as tf.Tensor2D, tf.clone(x) as tf.Tensor2D))
      expectSame('the gradient of a batch with itself', amongThemselves(query!), gradientOf('the gradient of a batch with a copy', betweenCopies, query!), 'with a copy of it')
    })

    check('selfDistance', () => {
      const self = tf.tidy(() => tf.sum(tf.mul(distance.matrix(query!), tf.eye(5)), 1).dataSync())
      expectNumbers({ what: 'the diagonal of a batch with itself', actual: self, wanted: [0, 0, 0, 0, 0], as: 'rows are equal there', tolerance: exactly })
    }, { inapplicable: distance.isInverted ? 'it is a similarity' : undefined })

    check('rows', () => {
      const first = tf.slice(references!, 0, 5)
      const diagonal = tf.sum(tf.mul(distance.matrix(query!, first), tf.eye(5)), 1)
      expectSame('between rows', distance.betweenRows(query!, first), diagonal, 'the diagonal of the matrix has it')
      for (const others of distance.matrixAt ? [first, query!] : []) {
        const columns = [[0, 3], [1, 4], [2, 2], [4, 0], [0, 1]]
        const wanted = distance.matrix(query!, others).arraySync()
        const elements = tf.tensor2d(columns.map((row, i) => row.map((column) => wanted[i]![column]!)))
        expectSame('matrixAt()', distance.matrixAt!(query!, others, tf.tensor2d(columns, [5, 2], 'int32')), elements, 'the matrix has it there')
      }
      expectSame('the matrix of a batch with itself', distance.matrix(query!), distance.matrix(query!, tf.clone(query!)), 'with a copy of it')
    })

    check('pairwise', () => {
      const [x, y] = [distance.maybeNormalize(query!), distance.maybeNormalize(tf.slice(references!, 0, 5))]
      const pairwise = distance.pairwiseDistance(x, y)
      const raised = distance.power === 1 ? pairwise : tf.pow(pairwise, distance.power)
      expectSame('between rows that are normalised before, raised after', raised, distance.betweenRows(query!, tf.slice(references!, 0, 5)), 'betweenRows() has it')
    })

    check('normalization', () => {
      const normalized = distance.normalize(query!)
      expectSame('the norm of normalised rows', distance.norm(normalized), tf.ones([5]), 'normalize() says')
      expectSame('zero rows, normalised', distance.normalize(tf.zerosLike(query!)), tf.zerosLike(query!), 'the contract says', exactly)
      const { normalizeEmbeddings } = distance
      expectSame('maybeNormalize()', distance.maybeNormalize(query!), normalizeEmbeddings ? normalized : query!, `\`normalizeEmbeddings: ${normalizeEmbeddings}\` says`)
      if (!normalizeEmbeddings) return
      expectSame('the matrix of rows three times as long', distance.matrix(tf.mul(query!, 3), references!), distance.matrix(query!, references!), '`normalizeEmbeddings: true` says')
    })

    check('order', () => {
      const [x, y] = [tf.tensor1d([1, 2]), tf.tensor1d([2, 1])]
      const [close, far] = distance.isInverted ? [tf.tensor1d([2, 2]), tf.tensor1d([1, 1])] : [tf.tensor1d([1, 1]), tf.tensor1d([2, 2])]
      const as = `\`isInverted: ${distance.isInverted}\` says`
      expectSame('closest()', distance.closest(x, y), close, as)
      expectSame('farthest()', distance.farthest(x, y), far, as)
      expectSame('margin() of far and close', distance.margin(far, close), tf.tensor1d([1, 1]), as)
      expectSame('closestAlong()', distance.closestAlong(tf.stack([x, y]), 0).values, close, as)
      expectSame('farthestAlong()', distance.farthestAlong(tf.stack([x, y]), 0).values, far, as)
    })

    const hostile = {
      duplicates: () => tf.slice(references!, 0, 5),
      zeroVectors: () => tf.zerosLike(query!),
      largeNorm: () => tf.mul<tf.Tensor2D>(query!, 1e4),
    } as const
    for (const [key, make] of Object.entries(hostile) as [keyof typeof hostile, () => tf.Tensor2D][]) {
      check(key, () => {
        const x = make()
        expectFinite('the matrix', distance.matrix(x, references!))
        expectFinite('the gradient of queries', gradient(x))
        expectFinite('the gradient of a batch with itself', amongThemselves(x))
      })
    }

    check('permutation', () => {
      const order = shuffledRows(5)
      const moved = tf.gather(distance.matrix(query!, references!), order)
      expectSame('the matrix of queries in another order', distance.matrix(tf.gather(query!, order), references!), moved, 'in the first order, row by row')
    })

    check('variables', () => {
      const watch = new VariableWatch()
      const made = create()
      tf.dispose([made.matrix(query!, references!), made.betweenRows(query!, query!)])
      watch.expectOwned(made, {})
    })

    check('badInput', () => {
      expectRefused('references of another width', () => distance.matrix(query!, tf.zeros([3, embeddingSize + 1])))
      expectRefused('queries that are a vector', () => distance.matrix(tf.zeros([embeddingSize]) as unknown as tf.Tensor2D))
    })

    check('leaks', () => {
      expectNoLeak('matrix()', 100, () => distance.matrix(query!, references!))
      expectNoLeak('betweenRows()', 10, () => distance.betweenRows(query!, query!))
    })

    check('hostReads', () => {
      refusingReads(() => tf.tidy(() => void gradient(query!)))
    })

    check('compile', () => {
      const step = (x: tf.Tensor, y: tf.Tensor) => {
        const at = (of: tf.Tensor) => weighted(distance.matrix(of as tf.Tensor2D, y as tf.Tensor2D))
        const { value, grad } = tf.valueAndGrad(at)(x)
        return [value, grad]
      }
      const compiled = stepCompiler()!((x, y) => step(x!, y!), { name, fallback: 'throw' })
      for (let call = 1; call <= 3; call++) {
        const x = randomEmbeddings(5, embeddingSize, call)
        const [value, slope] = compiled(x, references!)
        const [expected, expectedSlope] = step(x, references!)
        expectSame(`the value of compiled call ${call}`, value!, expected!, 'operation by operation')
        expectSame(`the gradient of compiled call ${call}`, slope!, expectedSlope!, 'operation by operation')
      }
      compiled.dispose()
    }, { unavailable: noCompiler() })
  })
}
