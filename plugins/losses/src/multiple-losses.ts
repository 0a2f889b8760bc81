import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectMethods,
  expectNumber,
  expectShape,
  OptionError,
  type ComputeOptions,
  type LabelRelations,
  type Labels,
  type LabelUse,
  type Loss,
  type Miner,
  type Parameters,
} from '@metric-learning/contracts'
import { expectFinite, tensorOf, type Schedulable } from '@metric-learning/ops'
import { nestedBuffers, nestedParameters } from './base/nested-parameters.js'

/** Something for each loss: by position, or by the names that the losses have. */
export type PerLoss<T> = readonly T[] | Readonly<Record<string, T>>

/** Options of {@link MultipleLosses}. */
export interface MultipleLossesOptions {
  /** A list, or losses by name. */
  readonly losses: PerLoss<Loss>
  /** Who selects the pairs or triplets of each loss; none where there is no entry, or `undefined`. Default: none. */
  readonly miners?: PerLoss<Miner | null | undefined>
  /** Factor of each loss. Default 1. Each may be scheduled. */
  readonly weights?: PerLoss<Schedulable>
}

interface WeighedLoss {
  readonly key: string
  readonly loss: Loss
  readonly miner: Miner | undefined
  readonly weight: Schedulable
}

/**
 * Σ_i weight_i · loss_i of several losses of the same embeddings. In the trainer, several objectives do the same and
 * log each loss on its own.
 *
 * One number, float32 []. Parameters are called `losses.<position or name>.<parameter>`.
 *
 * @example new MultipleLosses({ losses: { pairs: new ContrastiveLoss(), triplets: new TripletMarginLoss() }, weights: { pairs: 0.5, triplets: 1 } })
 * @throws {OptionError} when an option is unknown, there are no losses, or miners or weights do not go with the losses.
 */
export class MultipleLosses implements Loss {
  readonly name = 'MultipleLosses'
  readonly labels: LabelUse
  readonly takesReferences: boolean
  readonly takesSelections: boolean
  readonly overClasses: boolean
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly #losses: readonly WeighedLoss[]

  constructor(options: MultipleLossesOptions) {
    expectKnownOptions(this.name, options, ['losses', 'miners', 'weights'])
    const { losses, miners, weights } = options
    const keys = Object.keys((losses as typeof losses | undefined) ?? {})
    if (keys.length === 0) throw new OptionError({ who: this.name, wanted: 'at least one loss', got: 'none', fix: 'Pass `losses`.' })
    if (weights) expectSameKeys(this.name, 'weights', weights, keys)
    if (miners) expectMiners(this.name, miners, losses)
    this.#losses = keys.map((key) => {
      const weight = weights ? entry(weights, key)! : 1
      expectNumber(this.name, `weights.${key}`, weight)
      expectMethods(this.name, `losses.${key}`, entry(losses, key), ['compute'], 'new NTXentLoss()')
      const given = miners && entry(miners, key)
      if (given) expectMethods(this.name, `miners.${key}`, given, ['mine'], 'new MultiSimilarityMiner()')
      return { key, loss: entry(losses, key)!, miner: given ?? undefined, weight }
    })
    const all = this.#losses.map(({ loss }) => loss)
    this.labels = commonLabelUse(this.name, all)
    this.takesReferences = all.every(({ takesReferences }) => takesReferences !== false)
    this.takesSelections = all.every(({ takesSelections }) => takesSelections !== false) && !this.#losses.some(({ miner }) => miner)
    this.overClasses = all.some(({ overClasses }) => overClasses)
    const nested = this.#losses.map(({ key, loss }) => ({ prefix: `losses.${key}.`, loss }))
    this.parameters = nestedParameters(nested)
    this.buffers = nestedBuffers(nested)
  }

  /** @throws {LabelError} when one of the losses has no class for a label. */
  checkLabels(labels: Int32Array): void {
    for (const { loss } of this.#losses) loss.checkLabels?.(labels)
  }

  /**
   * @param options passed on to every loss; a selection only where there are no miners
   * @throws {OptionError} when a selection comes with miners.
   */
  compute(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: ComputeOptions = {}): tf.Scalar {
    if (options.selection && this.#losses.some(({ miner }) => miner)) {
      throw new OptionError({ who: this.name, wanted: 'no `selection` beside miners', got: 'both', fix: 'Leave one of them out.' })
    }
    expectShape(this.name, 'embeddings', embeddings, ['batch', 'dim'])
    expectFinite(this.name, 'embeddings', embeddings)
    if (options.references) {
      expectShape(this.name, 'refEmbeddings', options.references.refEmbeddings, ['references', embeddings.shape[1]])
      expectFinite(this.name, 'refEmbeddings', options.references.refEmbeddings)
    }
    return tf.tidy(() => tf.addN(this.#losses.map((one) => weighed(one, embeddings, labels, options))))
  }
}

/** What the losses make of labels, all together. */
function commonLabelUse(who: string, losses: readonly Loss[]): LabelUse {
  const uses = losses.map(({ labels = 'needed' }) => labels)
  if (!uses.includes('refused')) return uses.includes('needed') ? 'needed' : 'optional'
  if (!uses.includes('needed')) return 'refused'
  throw new OptionError({
    who,
    wanted: 'losses that all take labels, or all do without',
    got: `${losses[uses.indexOf('needed')]!.name}, which needs them, and ${losses[uses.indexOf('refused')]!.name}, which refuses them`,
    fix: 'Leave one of the two out, or give a loss over pairs two views by SelfSupervisedLoss.',
  })
}

function weighed(
  { loss, miner, weight }: WeighedLoss,
  embeddings: tf.Tensor2D,
  labels: Labels | LabelRelations | undefined,
  options: ComputeOptions,
): tf.Scalar {
  const { references } = options
  // A miner says itself that it needs labels.
  const selection = miner ? miner.mine(embeddings, labels as Labels, references ? { references } : {}) : options.selection
  return tf.mul(loss.compute(embeddings, labels, { ...options, ...(selection && { selection }) }), tensorOf(weight))
}

const entry = <T>(of: PerLoss<T>, key: string): T | undefined => (of as Readonly<Record<string, T>>)[key]

function expectSameKeys(who: string, what: string, of: PerLoss<unknown>, keys: readonly string[]): void {
  const got = Object.keys(of)
  if (got.length !== keys.length || !got.every((key) => keys.includes(key))) {
    throw new OptionError({
      who,
      wanted: `\`${what}\` for the losses ${keys.join(', ')}`,
      got: got.join(', ') || 'none',
      fix: `Pass one entry of \`${what}\` a loss, in the same form as \`losses\`.`,
    })
  }
}

/** Named losses may do without a miner; a list has an entry for each. */
function expectMiners(who: string, miners: PerLoss<unknown>, losses: PerLoss<Loss>): void {
  if (Array.isArray(losses)) expectSameKeys(who, 'miners', miners, Object.keys(losses))
  else expectKnownOptions(`${who}, miners`, miners, Object.keys(losses))
}
