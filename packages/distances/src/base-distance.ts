import * as tf from '@tensorflow/tfjs-core'
import {
  expectBoolean,
  expectFixedNumber,
  expectKnownOptions,
  expectShape,
  type Distance,
  type Extreme,
  type TensorOrNumber,
} from '@metric-learning/contracts'
import { elementwisePower } from './elementwise-power.js'
import { lpNorm } from './lp-norm.js'
import { normalizeRows } from './normalize-rows.js'

/** Options every distance shares. */
export interface DistanceOptions {
  /** Divides each embedding by its p-norm first. Default true. */
  readonly normalizeEmbeddings?: boolean
  /** The p of all norms, at least 1; `Infinity` is the maximum norm. Default 2. */
  readonly p?: number
  /** Each distance is raised to this power. Default 1. */
  readonly power?: number
}

/** What a distance says about itself. */
export interface DistanceSetup {
  /** True for similarities. */
  readonly isInverted: boolean
  /** See {@link Distance.measure}. Default: a formula of its own. */
  readonly measure?: string
  /** The options that it takes; others are refused. */
  readonly options: readonly string[]
}

/**
 * What all distances share: options, checks, normalisation, power, and the arithmetic that hides
 * whether larger means closer. A distance of one's own adds the matrix and its rows:
 *
 * @example
 * class CanberraDistance extends BaseDistance {
 *   constructor(options: DistanceOptions = {}) {
 *     super('CanberraDistance', options, { isInverted: false, options: ['normalizeEmbeddings', 'p', 'power'] })
 *   }
 *   protected computeMatrix(query, references) { … }
 *   protected computeRows(query, references) { … }
 *   pairwiseDistance(query, references) { return this.computeRows(query, references) }
 * }
 * @throws {OptionError} when an option is unknown or outside its range.
 */
export abstract class BaseDistance implements Distance {
  readonly measure: string | undefined
  readonly isInverted: boolean
  readonly normalizeEmbeddings: boolean
  readonly p: number
  readonly power: number

  constructor(
    readonly name: string,
    options: DistanceOptions,
    setup: DistanceSetup,
  ) {
    expectKnownOptions(name, options, setup.options)
    const { normalizeEmbeddings = true, p = 2, power = 1 } = options
    expectBoolean(name, 'normalizeEmbeddings', normalizeEmbeddings)
    if (p !== Infinity) expectFixedNumber(name, 'p', p, { min: 1, hint: 'Below 1 it is no norm; `Infinity` is allowed.' })
    expectFixedNumber(name, 'power', power, { min: 0, exclusiveMin: true })
    this.measure = setup.measure
    this.isInverted = setup.isInverted
    this.normalizeEmbeddings = normalizeEmbeddings
    this.p = p
    this.power = power
  }

  /** [n, m] of embeddings that are ready: normalised if they are to be. The base takes care of `power`. `diagonal` as of {@link matrix}. */
  protected abstract computeMatrix(query: tf.Tensor2D, references: tf.Tensor2D, diagonal?: number): tf.Tensor2D
  /** The same between rows of one number: [n]. */
  protected abstract computeRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D
  /** What {@link matrixAt} gives before `power`, of embeddings as they are, where there is a way of its own. Default: there is none. */
  protected computeAt(_query: tf.Tensor2D, _references: tf.Tensor2D, _index: tf.Tensor2D): tf.Tensor2D | undefined {
    return undefined
  }
  abstract pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D

  matrix(query: tf.Tensor2D, references: tf.Tensor2D = query, diagonal?: number): tf.Tensor2D {
    expectShape(this.name, 'query', query, ['n', 'dim'])
    expectShape(this.name, 'references', references, ['m', query.shape[1]])
    return tf.tidy(() => {
      const from = this.maybeNormalize(query)
      const to = references === query ? from : this.maybeNormalize(references)
      return elementwisePower(this.computeMatrix(from, to, diagonal), this.power)
    })
  }

  betweenRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    expectShape(this.name, 'query', query, ['n', 'dim'])
    expectShape(this.name, 'references', references, query.shape)
    return tf.tidy(() =>
      elementwisePower(this.computeRows(this.maybeNormalize(query), this.maybeNormalize(references)), this.power),
    )
  }

  matrixAt(query: tf.Tensor2D, references: tf.Tensor2D, index: tf.Tensor2D): tf.Tensor2D {
    expectShape(this.name, 'query', query, ['n', 'dim'])
    expectShape(this.name, 'references', references, ['m', query.shape[1]])
    expectShape(this.name, 'index', index, [query.shape[0], 'picked'])
    return tf.tidy(() => {
      const known = this.computeAt(query, references, index)
      if (known) return elementwisePower(known, this.power)
      const isOneSet = references === query
      const from = this.maybeNormalize(query)
      const picked = tf.gather(isOneSet ? from : references, tf.reshape<tf.Rank.R1>(index, [-1]))
      const to = isOneSet ? picked : this.maybeNormalize(picked)
      return tf.reshape(elementwisePower(this.computeRows(repeatedRows(from, index.shape[1]), to), this.power), index.shape)
    })
  }

  normalize(embeddings: tf.Tensor2D): tf.Tensor2D {
    return normalizeRows(embeddings, this.p)
  }

  maybeNormalize(embeddings: tf.Tensor2D): tf.Tensor2D {
    return this.normalizeEmbeddings ? this.normalize(embeddings) : embeddings
  }

  norm(embeddings: tf.Tensor2D): tf.Tensor1D {
    return lpNorm(embeddings, this.p) as tf.Tensor1D
  }

  margin(x: TensorOrNumber, y: TensorOrNumber): tf.Tensor {
    return this.isInverted ? tf.sub(y, x) : tf.sub(x, y)
  }

  closest(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
    return this.isInverted ? larger(x, y) : smaller(x, y)
  }

  farthest(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
    return this.isInverted ? smaller(x, y) : larger(x, y)
  }

  closestAlong(x: tf.Tensor, axis: number): Extreme {
    return this.isInverted ? largest(x, axis) : smallest(x, axis)
  }

  farthestAlong(x: tf.Tensor, axis: number): Extreme {
    return this.isInverted ? smallest(x, axis) : largest(x, axis)
  }
}

/** Each row so many times, one behind the other: float32 [n · times, dim]. The gradient of `tf.tile` adds up slice by slice. */
function repeatedRows(rows: tf.Tensor2D, times: number): tf.Tensor2D {
  if (times === 1) return rows
  const repeat = tf.customGrad((x) => ({
    value: tf.reshape(tf.tile(tf.expandDims(x as tf.Tensor, 1), [1, times, 1]), [-1, rows.shape[1]]),
    gradFunc: (dy) => tf.sum(tf.reshape(dy, [-1, times, rows.shape[1]]), 1),
  }))
  return repeat(rows) as tf.Tensor2D
}

const smallest = (x: tf.Tensor, axis: number): Extreme => ({ values: tf.min(x, axis), indices: tf.argMin(x, axis) })
const largest = (x: tf.Tensor, axis: number): Extreme => ({ values: tf.max(x, axis), indices: tf.argMax(x, axis) })

// The gradients of tf.minimum and tf.maximum do not broadcast, and those of tf.broadcastTo are slow.
const smaller = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => chosen(x, y, tf.minimum, tf.lessEqual)
const larger = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => chosen(x, y, tf.maximum, tf.greaterEqual)

/** Elementwise one of two, which broadcast; the gradient goes to the one that was chosen, of equals to the first. */
function chosen(x: tf.Tensor, y: tf.Tensor, choose: typeof tf.minimum, isFirst: typeof tf.lessEqual): tf.Tensor {
  const choice = tf.customGrad((first, second, save) => {
    const [a, b] = [first, second] as [tf.Tensor, tf.Tensor]
    ;(save as tf.GradSaveFunc)([a, b])
    return {
      value: choose(a, b),
      gradFunc: (dy, saved) => {
        const [of, or] = saved as [tf.Tensor, tf.Tensor]
        const toFirst = tf.mul(dy, tf.cast(isFirst(of, or), 'float32'))
        return [summedTo(toFirst, of.shape), summedTo(tf.sub(dy, toFirst), or.shape)]
      },
    }
  })
  return choice(x, y)
}

function summedTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  return tf.reshape(tf.sum(gradient, tf.broadcast_util.getReductionAxes(shape, gradient.shape)), shape)
}
