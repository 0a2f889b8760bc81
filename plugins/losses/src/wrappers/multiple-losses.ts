import * as tf from '@tensorflow/tfjs-core'
import {
  describeValue,
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
  type NestedJudge,
  type Parameters,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import { expectFinite, expectTakesMiner, judge, nestedState, option, readOptions, restoreNested, type GivenOptions, type Schedulable } from '@metric-learning/ops'
import { nestedBuffers, nestedParameters } from './wrapped-losses.js'

/** Something for each loss: by position, or by the names that the losses have. */
export type PerLoss<T> = readonly T[] | Readonly<Record<string, T>>

const options = {
  /** A list, or losses by name. */
  losses: option.value<PerLoss<Loss>>('losses, in a list or by name', expectEntries),
  /** Who selects the pairs or triplets of each loss; none where there is no entry, `undefined` or null. Default: none. */
  miners: option.value<PerLoss<Miner | null | undefined>>('miners, in a list or by name', expectEntries, { optional: true }),
  /** Factor of each loss. Default 1. Each may be scheduled. */
  weights: option.value<PerLoss<Schedulable>>('numbers, in a list or by name', expectEntries, { optional: true }),
}

/** Options of {@link MultipleLosses}. */
export type MultipleLossesOptions = GivenOptions<typeof options>

/**
 * `Σ_i weight_i · loss_i` of several losses of the same embeddings. In the trainer, several objectives do the same and
 * log each loss on its own.
 *
 * One number, float32 []. Parameters are called `losses.<position or name>.<parameter>`.
 * What losses and miners remember is saved with it.
 *
 * `MultipleLosses` of PyTorch Metric Learning.
 *
 * @formula \sum_i \mathrm{weight}_i \, \mathrm{loss}_i
 * @useWhen Several losses as one, in a loop of your own or within another wrapper.
 * @example
 * const losses = { pairs: new ContrastiveLoss(), triplets: new TripletMarginLoss() }
 * const loss = new MultipleLosses({ losses, weights: { pairs: 0.5, triplets: 1 } })
 * @throws {OptionError} when an option is unknown, there are no losses, miners or weights do not go with the
 * losses, or two losses share buffers, such as a memory.
 */
export class MultipleLosses implements Loss, Stateful {
  /** All options: for docs and forms. */
  static readonly declaredOptions = options
  readonly name = 'MultipleLosses'
  readonly labels: LabelUse
  readonly takesReferences: boolean
  readonly takesSelections: boolean
  readonly overClasses: boolean
  readonly parameters: Parameters
  readonly buffers: Parameters
  /** By position or name, as the next two. */
  readonly losses: Readonly<Record<string, Loss>>
  /** Of the losses that have one. */
  readonly miners: Readonly<Record<string, Miner>>
  /** Of each loss. */
  readonly weights: Readonly<Record<string, Schedulable>>

  constructor(given: MultipleLossesOptions) {
    const { losses, miners, weights } = readOptions(this.name, options, given)
    const keys = Object.keys(losses)
    if (keys.length === 0) throw new OptionError({ who: this.name, wanted: 'at least one loss', got: 'none', fix: 'Pass `losses`.' })
    for (const key of keys) expectName(this.name, key)
    if (weights) expectSameKeys(this.name, 'weights', weights, keys)
    if (miners) expectMiners(this.name, miners, losses)
    const of = <T>(entryOf: (key: string) => T) => Object.fromEntries(keys.map((key) => [key, entryOf(key)]))
    this.losses = of((key) => entry(losses, key)!)
    this.weights = of((key) => (weights ? entry(weights, key)! : 1))
    this.miners = Object.fromEntries(keys.flatMap((key) => {
      const miner = miners && entry(miners, key)
      return miner === undefined || miner === null ? [] : [[key, miner]]
    }))
    for (const key of keys) {
      expectNumber(this.name, `weights.${key}`, this.weights[key]!)
      expectMethods(this.name, `losses.${key}`, this.losses[key], ['compute'], 'new NTXentLoss()')
      if (!(key in this.miners)) continue
      expectMethods(this.name, `miners.${key}`, this.miners[key], ['mine'], 'new MultiSimilarityMiner()')
      expectTakesMiner(`${this.name}, losses.${key}`, this.losses[key]!, this.miners[key]!)
    }
    expectOwnBuffers(this.name, this.losses)
    const all = Object.values(this.losses)
    this.labels = commonLabelUse(this.name, all)
    this.takesReferences = all.every(({ takesReferences }) => takesReferences !== false)
    this.takesSelections = all.every(({ takesSelections }) => takesSelections !== false) && !this.#hasMiners
    this.overClasses = all.some(({ overClasses }) => overClasses)
    const nested = Object.entries(this.losses).map(([key, loss]) => ({ prefix: `losses.${key}.`, loss }))
    this.parameters = nestedParameters(nested)
    this.buffers = nestedBuffers(nested)
  }

  /** The losses with their miners, as `losses.<position or name>`. */
  get nested(): Readonly<Record<string, NestedJudge>> {
    return Object.fromEntries(Object.entries(this.losses).map(([key, loss]) => [`losses.${key}`, { loss, miner: this.miners[key] }]))
  }

  /** @throws {LabelError} when one of the losses has no class for a label. */
  checkLabels(labels: Int32Array): void {
    for (const loss of Object.values(this.losses)) loss.checkLabels?.(labels)
  }

  /**
   * @param options passed on to every loss; a selection only where there are no miners
   * @throws {OptionError} when a selection comes with miners.
   */
  compute(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: ComputeOptions = {}): tf.Scalar {
    expectKnownOptions(`${this.name}.compute`, options, ['selection', 'references', 'position', 'observer'])
    if (options.selection && this.#hasMiners) {
      throw new OptionError({ who: this.name, wanted: 'no `selection` beside miners', got: 'both', fix: 'Leave one of them out.' })
    }
    expectShape(this.name, 'embeddings', embeddings, ['batch', 'dim'])
    expectFinite(this.name, 'embeddings', embeddings)
    if (options.references) {
      expectShape(this.name, 'refEmbeddings', options.references.refEmbeddings, ['references', embeddings.shape[1]])
      expectFinite(this.name, 'refEmbeddings', options.references.refEmbeddings)
    }
    const { selection, observer, ...others } = options
    return tf.tidy(() =>
      tf.addN(
        Object.entries(this.losses).map(([key, loss]) => {
          const given = { embeddings, labels, ...others, ...(observer && { observer: observer.within(`losses.${key}`) }) }
          return judge({ loss, miner: this.miners[key], weight: this.weights[key] }, given, (mined) => mined ?? selection)
        }),
      ),
    )
  }

  /** What losses and miners remember beside parameters and buffers. */
  state(): State {
    return nestedState(this.#parts())
  }

  /** @throws {StateError} when the state is none of these losses and miners. */
  restore(state: State): void {
    restoreNested(this.name, this.#parts(), state)
  }

  #parts(): Readonly<Record<string, object>> {
    const named = (what: string, of: Readonly<Record<string, object>>) => Object.entries(of).map(([key, part]) => [`${what}.${key}`, part])
    return Object.fromEntries([...named('losses', this.losses), ...named('miners', this.miners)]) as Readonly<Record<string, object>>
  }

  get #hasMiners(): boolean {
    return Object.keys(this.miners).length > 0
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

/** Weights and states are called by the names of losses, with dots in between. */
function expectName(who: string, name: string): void {
  if (/^[^./]+$/.test(name)) return
  throw new OptionError({ who, wanted: 'losses with names that have no dots and no slashes', got: describeValue(name), fix: 'Call it otherwise: its weights are called by it, such as `losses.pairs.beta`.' })
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

/** What two losses shared, such as a memory, would change twice in each call. */
function expectOwnBuffers(who: string, losses: Readonly<Record<string, Loss>>): void {
  const owners = new Map<tf.Variable, string>()
  for (const [key, { buffers }] of Object.entries(losses)) {
    for (const buffer of buffers?.values() ?? []) {
      const owner = owners.get(buffer)
      owners.set(buffer, key)
      if (owner === undefined) continue
      throw new OptionError({
        who,
        wanted: 'losses with buffers of their own',
        got: `those of losses.${owner} again in losses.${key}`,
        fix: 'Make a second object: what a loss remembers, such as a memory of batches, would change twice in each call.',
      })
    }
  }
}

/** Named losses may do without a miner; a list has an entry for each. */
function expectMiners(who: string, miners: PerLoss<unknown>, losses: PerLoss<Loss>): void {
  if (Array.isArray(losses)) expectSameKeys(who, 'miners', miners, Object.keys(losses))
  else expectKnownOptions(`${who}, miners`, miners, Object.keys(losses))
}

function expectEntries(who: string, name: string, given: unknown): void {
  if (typeof given === 'object' && given !== null) return
  throw new OptionError({ who, wanted: `\`${name}\` in a list or by name`, got: describeValue(given), fix: 'Pass one entry a loss.' })
}
