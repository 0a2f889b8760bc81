import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, LossTerm, LossTerms } from '@metric-learning/contracts'
import { rowsOfBlock, sumsOfBlocks, withoutGradient } from '@metric-learning/ops'
import type { ParameterGroup } from '../plan/parameter-groups.js'
import { WATCHED_PARTS, type WatchedPart } from '../plan/run-options.js'
import type { NamedResults, WatchedGroups } from './named-step.js'

/** What code gives, with what it computes only to be looked at where somebody looks. */
export function watching<Group extends string>(isWatching: boolean, parts: readonly WatchedPart[], code: (watch: StepWatch | undefined) => NamedResults<Group>): WatchedGroups<Group> {
  if (!isWatching) return code(undefined)
  const watch = new StepWatch(parts)
  try {
    return { ...code(watch), asides: watch.take() }
  } finally {
    watch.dispose()
  }
}

/** What the updates of a step found together; the first to judge an output, or to change a group, goes before others. Takes all of it. */
export function joinedWatch(ofUpdates: readonly tf.NamedTensorMap[]): tf.NamedTensorMap {
  const joined: tf.NamedTensorMap = {}
  for (const [tag, value] of ofUpdates.flatMap((watched) => Object.entries(watched))) {
    const before = joined[tag]
    if (!before) joined[tag] = value
    else {
      if (tag.startsWith('gradientNorm/')) joined[tag] = tf.tidy(() => tf.sqrt(tf.add(tf.square(before), tf.square(value))))
      tf.dispose(joined[tag] === before ? value : [before, value])
    }
  }
  return joined
}

/** An output that an objective judges, and what it is compared with. */
export interface JudgedOutput {
  /** The name of the output. */
  readonly of: string
  /** float32 [n, dim] */
  readonly embeddings: tf.Tensor2D
  /** float32 [m, dim]; the very tensor `embeddings` where a batch is compared with itself. */
  readonly references: tf.Tensor2D
  /** `undefined` where it goes by no labels. */
  readonly relations: LabelRelations | undefined
}

/** Values that a histogram is of, at most, of the gradients of a group. */
const sampledGradients = 4096

/** Distances that histograms are of, at most: those of the first anchors. */
const sampledDistances = 16384

/**
 * What a step computes to be looked at, on the device, by tags (docs/logging.md): x̂ is an embedding of length 1,
 *
 *     train/norm/<output>              mean of ‖x‖
 *     train/spread/<output>            √ mean of ‖x̂ - c‖², c the mean of x̂: 0 where all are one point, 1 where they cancel
 *     train/positiveDistance/<output>  mean of ‖x̂ᵢ - ŷⱼ‖ over pairs of one class; NaN where there are none
 *     train/negativeDistance/<output>  the same of two classes
 *     train/active/<judge>             Σ w [ℓ > 0] / Σ w over the pairs or triplets that a loss looks at; NaN where there are none
 *     gradientNorm/<group>             √ Σ g² over the gradients of the loss, of all updates, before anybody clips them
 *
 * float32 [] each; and, to make histograms of, values under tags in the plural, where distances of -1 stand for pairs of another kind.
 * It changes nothing, and no gradient flows from it.
 */
export class StepWatch {
  readonly #values = new Map<string, tf.Tensor>()
  readonly #seen = new Set<string>()

  constructor(private readonly parts: readonly WatchedPart[] = WATCHED_PARTS) {}

  /** Takes an output that is judged; the first to judge one of a name decides what it is compared with. */
  judged({ of, embeddings, references, relations }: JudgedOutput): void {
    if (this.#seen.has(of) || embeddings.shape.length !== 2) return
    this.#seen.add(of)
    withoutGradient(() => {
      const norms = tf.sqrt(tf.sum(tf.square(embeddings), 1)) as tf.Tensor1D
      const centred = unitRows(embeddings)
      const centre = tf.mean<tf.Tensor1D>(centred, 0)
      const own = tf.sub<tf.Tensor2D>(centred, centre)
      if (this.parts.includes('embeddings')) {
        this.#keep(`train/norm/${of}`, tf.mean(norms))
        this.#keep(`train/norms/${of}`, norms)
        this.#keep(`train/spread/${of}`, tf.sqrt(tf.mean(tf.sum(tf.square(own), 1))))
      }
      if (!relations || !this.parts.includes('distances')) return
      // Distances are those of the embeddings moved to their centre, where rounding matters least.
      const others = references === embeddings ? own : tf.sub<tf.Tensor2D>(unitRows(references), centre)
      const [positive, negative] = meanDistances(own, others, relations)
      this.#keep(`train/positiveDistance/${of}`, positive)
      this.#keep(`train/negativeDistance/${of}`, negative)
      const some = Math.max(1, Math.min(own.shape[0], Math.floor(sampledDistances / others.shape[0])))
      const { constants, whole, of: relationsOf } = relations.byBlocks()
      const first = (rows: tf.Tensor) => tf.slice(rows, 0, some)
      const ofFirst = relationsOf({ constants: constants.map(first), whole })
      const distances = distancesBetween(first(own) as tf.Tensor2D, others)
      const chosen = (mask: tf.Tensor2D) => tf.sub(tf.mul(tf.add(distances, 1), mask), 1)
      this.#keep(`train/positiveDistances/${of}`, chosen(ofFirst.positives()))
      this.#keep(`train/negativeDistances/${of}`, chosen(ofFirst.negatives()))
    })
  }

  /** Takes the terms of a loss, before they are reduced. */
  terms(path: string, terms: LossTerms): void {
    if (!this.parts.includes('active')) return
    const counted = Object.values(terms).filter(({ over }) => over === 'pair' || over === 'triplet')
    if (counted.length === 0) return
    withoutGradient(() => {
      const [active, all] = tf.unstack(tf.addN(counted.map(activeOfTerm))) as [tf.Scalar, tf.Scalar]
      this.#keep(`train/active/${path}`, tf.div(active, all))
    })
  }

  /** Takes the gradients of groups, by names of parameters, as the backward pass of an update gave them. */
  gradients(groups: readonly ParameterGroup[], gradients: ReadonlyMap<string, tf.Tensor>): void {
    if (!this.parts.includes('gradients')) return
    for (const { name, parameters } of groups) {
      const own = [...parameters.keys()].flatMap((parameter) => gradients.get(parameter) ?? [])
      if (own.length === 0) continue
      withoutGradient(() => {
        const squares = tf.addN(own.map((gradient) => tf.sum<tf.Scalar>(tf.square(gradient))))
        const before = this.#values.get(`gradientNorm/${name}`)
        this.#keep(`gradientNorm/${name}`, tf.sqrt(before ? tf.add(squares, tf.square(before)) : squares))
        if (!before) this.#keep(`gradients/${name}`, sampleOf(own))
      })
    }
  }

  /** All of it; from here on it belongs to the surrounding `tf.tidy`. */
  take(): tf.NamedTensorMap {
    const taken = Object.fromEntries([...this.#values].map(([tag, value]) => [tag, tf.clone(value)]))
    this.dispose()
    return taken
  }

  /** Frees what was not taken. */
  dispose(): void {
    tf.dispose([...this.#values.values()])
    this.#values.clear()
  }

  #keep(tag: string, value: tf.Tensor): void {
    this.#values.get(tag)?.dispose()
    this.#values.set(tag, tf.keep(value))
  }
}

const unitRows = (rows: tf.Tensor2D) => tf.div<tf.Tensor2D>(rows, tf.maximum(tf.sqrt(tf.sum(tf.square(rows), 1, true)), 1e-12))

/** ‖x - y‖ of each row of one and each of the other: float32 [n, m]. */
function distancesBetween(rows: tf.Tensor2D, others: tf.Tensor2D): tf.Tensor2D {
  const squares = (of: tf.Tensor2D) => tf.sum(tf.square(of), 1, true)
  const sums = tf.add(squares(rows), tf.reshape(squares(others), [1, -1]))
  return tf.sqrt(tf.relu(tf.sub<tf.Tensor2D>(sums, tf.mul(2, tf.matMul(rows, others, false, true)))))
}

/** Mean distances of pairs of one class and of two, some anchors at a time: float32 [] each. */
function meanDistances(rows: tf.Tensor2D, others: tf.Tensor2D, relations: LabelRelations): readonly [positive: tf.Tensor, negative: tf.Tensor] {
  const { constants, whole, of } = relations.byBlocks()
  const sums = sumsOfBlocks(
    { rows: [rows], whole: [others, ...whole], constants },
    rowsOfBlock(others.shape[0]),
    ([true, false] as const).map((isPositive) => ({ rows: [some], whole: [all, ...labels], constants: own }) => {
      const mask = of({ constants: own, whole: labels })[isPositive ? 'positives' : 'negatives']()
      return tf.stack([tf.sum(tf.mul(mask, distancesBetween(some as tf.Tensor2D, all as tf.Tensor2D))), tf.sum(mask)]) as tf.Tensor1D
    }),
  )
  const [positive, negative] = tf.unstack(tf.div(tf.slice2d(sums, [0, 0], [-1, 1]), tf.slice2d(sums, [0, 1], [-1, 1])))
  return [tf.reshape(positive!, []), tf.reshape(negative!, [])]
}

/** Σ w [ℓ > 0] and Σ w: float32 [2]. */
const activeOf = ({ values, weights }: Pick<LossTerm, 'values' | 'weights'>): tf.Tensor1D =>
  tf.stack([tf.sum(weights ? tf.mul(weights, tf.step(values)) : tf.step(values)), weights ? tf.sum(weights) : tf.scalar(values.size)]) as tf.Tensor1D

/** The same; values and weights of one that has what they add up to, or comes in blocks, are not asked for, for those would be formed as a whole. */
function activeOfTerm(term: LossTerm): tf.Tensor1D {
  const above = term.aboveZero?.()
  if (above) return tf.stack([above.count, above.all()]) as tf.Tensor1D
  const { blocks } = term
  return blocks ? tf.reshape<tf.Rank.R1>(sumsOfBlocks(blocks, blocks.size, [(block) => activeOf(blocks.compute(block))]), [2]) : activeOf(term)
}

/** Some values of tensors, evenly spread over all. */
function sampleOf(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  const stride = Math.ceil(tensors.reduce((sum, { size }) => sum + size, 0) / sampledGradients)
  return tf.concat<tf.Tensor1D>(tensors.map((tensor) => tf.stridedSlice(tf.reshape(tensor, [-1]), [0], [tensor.size], [stride]) as tf.Tensor1D))
}
