import type * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  OptionError,
  type Distance,
  type LabelRelations,
  type Labels,
  type MineOptions,
  type Miner,
  type PairSelection,
  type Selection,
  type SelectionIndices,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import { expectDistance, type DistanceDemands } from '@metric-learning/distances'
import {
  compareEmbeddings,
  countSelected,
  expectDrawPosition,
  expectSelection,
  formulaValues,
  option,
  pairsByRule,
  readOptions,
  rowsOfBlock,
  selectionFromIndices,
  toPairSelection,
  withoutGradient,
  type Comparison,
  type DeclaredOptions,
  type Draws,
  type FormulaValues,
  type GivenOptions,
  type Option,
  type OptionValues,
} from '@metric-learning/ops'
import { DrawBuffer } from './draw-buffer.js'
import { pairsOfBlocks, selectByBlocks, type AnchorBlock } from './select-by-blocks.js'

/** The options that every miner has beside its own. */
export type CommonOptions = {
  /** How embeddings are compared. Each miner names its default. */
  readonly distance: Option<Distance, 'optional'>
  /** Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false. */
  readonly collectStats: Option<boolean, 'defaulted'>
}
const commonOptions: CommonOptions = {
  distance: option.part<Distance>(['matrix', 'margin'], 'new LpDistance()', { optional: true }),
  collectStats: option.flag({ default: false }),
}

/** What a miner takes: its own options, and those that all have. */
export type MinerOptions<D extends DeclaredOptions> = GivenOptions<D & CommonOptions>

/** The options of a class: `OptionsOf<typeof BatchHardMiner>`. */
export type OptionsOf<C extends abstract new (...args: never[]) => unknown> = NonNullable<ConstructorParameters<C>[0]>

/** What a miner looks at. */
export interface MinerInputs extends Comparison {
  readonly distance: Distance
  /** Between every embedding and every reference, as {@link distance} gives it: float32 [n, m]. */
  distances(): tf.Tensor2D
  /** The same, the larger the farther: a similarity counts negatively. */
  apart(): tf.Tensor2D
  /** The pairs that are chosen among: those of `among`, or all that the labels allow. */
  pairs(): PairSelection
  /**
   * What random draws follow from: the position that the caller gave, or else that of a buffer of the miner, which moves on.
   *
   * @throws {OptionError} of a miner that does not say that it draws.
   */
  draws(seed: number): Draws
}

/** What a fused kernel looks at in place of {@link MinerInputs}. */
export interface FusedInputs extends Comparison {
  readonly distance: Distance
}

/** What a miner says about itself; see {@link metricMiner}. */
export interface MetricMinerSetup<D extends DeclaredOptions, S extends Selection, Draws extends boolean = boolean> {
  readonly name: string
  /** Makes the distance to use when none is given. */
  readonly distance: () => Distance
  /** Whether the rule holds for no other distance than the default one, and what else is asked of that. Default: for any. */
  readonly onlyDistance?: true | DistanceDemands
  /** Whether it draws at random, and so keeps where its draws stand where no run counts them. Default false. */
  readonly draws?: Draws
  /**
   * Whether what it selects of an anchor follows from it, its pairs and the references: batches that are too large for memory are then
   * shown to it some anchors at a time. Not where it draws, or gives triplets by a rule. Default false.
   */
  readonly byAnchor?: boolean
  /** Whether it chooses among pairs that the caller may name: `mine` takes `among`. Default false. */
  readonly chooses?: boolean
  /** Its own options. Each becomes a field of the miner. */
  readonly options: D
  /** Checks of several options together. */
  readonly checkOptions?: (who: string, options: OptionValues<D>, distance: Distance) => void
  /**
   * What is selected. It runs inside `tf.tidy` and off the gradient tape, and must not read a value back from the device.
   *
   * @param options as they are now: scheduled numbers as tensors
   */
  select(inputs: MinerInputs, options: FormulaValues<D>): S
  /**
   * The same by a fused kernel, of a batch of any size at once; `undefined` where that does not do, and `select` is asked.
   * Default: there is none.
   */
  fused?(inputs: FusedInputs): S | undefined
  /** Whether `select` gives pairs or triplets. */
  readonly selects: 'pairs' | 'triplets'
  /** What is measured beside how many are selected, with `collectStats`: float32 [] each, as `select` runs. Default: nothing. */
  readonly statistics?: Readonly<Record<string, (selection: S, inputs: MinerInputs, options: FormulaValues<D>) => tf.Scalar>>
}

/** What all miners of {@link metricMiner} share. Their options are fields, too. */
export interface MetricMiner<S extends Selection = Selection> extends Miner<S> {
  /** How embeddings are compared. */
  readonly distance: Distance
  readonly collectStats: boolean
}

/** What miners that draw have beside what all have: where their draws stand where no run counts them. */
export interface DrawingMiner extends Stateful {
  /** Frees it. */
  dispose(): void
}

/** A class of miners, as {@link metricMiner} makes it, to be extended. */
export interface MinerConstructor<D extends DeclaredOptions, S extends Selection, Draws extends boolean = false> {
  /** All options, with their defaults and ranges: for docs and forms. */
  readonly declaredOptions: D & CommonOptions
  new (...args: Record<never, never> extends MinerOptions<D> ? [options?: MinerOptions<D>] : [options: MinerOptions<D>]): MetricMiner<S> &
    OptionValues<D> &
    (Draws extends true ? DrawingMiner : unknown)
}

/**
 * The base of a miner: a class from what the miner says about itself. Options, checks, reference sets, gradients and memory are
 * seen to; the miner adds its rule. It gives pairs, triplets by a rule (`tripletRule`), or triplets that it picks.
 *
 * @example
 * class ClosePairMiner extends metricMiner({
 *   name: 'ClosePairMiner',
 *   selects: 'pairs',
 *   distance: () => new LpDistance(),
 *   options: {
 *     // How far apart the pairs are at most.
 *     limit: option.distanceUnits({ default: 1 }),
 *   },
 *   select({ distances, relations }, { limit }) {
 *     const isClose = tf.cast(tf.less(distances(), limit), 'float32')
 *     return { kind: 'pairs', positive: tf.mul(relations.positives(), isClose), negative: tf.mul(relations.negatives(), isClose) }
 *   },
 * }) {}
 * new ClosePairMiner({ limit: 0.8 })
 */
export function metricMiner<const D extends DeclaredOptions, S extends Selection, const Draws extends boolean = false>(
  setup: MetricMinerSetup<D, S, Draws>,
): MinerConstructor<D, S, Draws> {
  const { name, onlyDistance, checkOptions } = setup
  const declaredOptions = { ...setup.options, ...commonOptions }
  class DeclaredMiner implements MetricMiner<S> {
    static readonly declaredOptions = declaredOptions
    readonly name = name
    readonly distance: Distance
    readonly chooses = setup.chooses ?? false
    declare readonly collectStats: boolean
    readonly statistics: readonly string[] | undefined

    /** @throws {OptionError} when an option is unknown, missing or refused. */
    constructor(given: GivenOptions<DeclaredOptions> = {}) {
      expectKnownOptions(name, given, Object.keys(declaredOptions))
      const distance = (given['distance'] as Distance | undefined) ?? setup.distance()
      const values = readOptions(name, declaredOptions, given as MinerOptions<D>, distance)
      if (onlyDistance) expectDistance(name, distance, setup.distance().measure!, onlyDistance === true ? {} : onlyDistance)
      checkOptions?.(name, values as OptionValues<D>, distance)
      Object.assign(this, values)
      this.distance = distance
      this.statistics = this.collectStats ? [...(setup.selects === 'pairs' ? ['numPosPairs', 'numNegPairs'] : ['numTriplets']), ...Object.keys(setup.statistics ?? {})] : undefined
    }

    mine(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, options: MineOptions = {}): S {
      expectKnownOptions(`${name}.mine`, options, ['references', 'position', 'record', ...(setup.chooses ? ['among'] : [])])
      if (options.position) expectDrawPosition(name, options.position)
      return withoutGradient(() => {
        const comparison = compareEmbeddings(name, embeddings, labels, options.references)
        const { among } = options
        if (among) expectSelection(name, among, comparison.relations)
        const draws = (seed: number) => ({ position: this.position(options), purpose: name, seed })
        const inputs = { ...inputsOf(comparison, this.distance, among), draws }
        const values = formulaValues(setup.options, this as unknown as OptionValues<D>)
        const size = setup.byAnchor ? rowsOfBlock(comparison.relations.referenceCount) : Infinity
        const selectOf = (block: AnchorBlock): S => setup.select({ ...inputsOf(block, this.distance, undefined, block.diagonal), draws }, values)
        const selection = setup.fused?.({ ...comparison, distance: this.distance })
          ?? (size >= comparison.relations.queryCount ? setup.select(inputs, values)
            : setup.selects === 'pairs' ? (pairsOfBlocks(comparison, (block) => selectOf(block) as unknown as PairSelection) as unknown as S)
              : selectByBlocks(comparison, size, selectOf))
        if (this.collectStats && options.record) {
          const own = Object.entries(setup.statistics ?? {}).map(([statistic, measure]) => [statistic, measure(selection, inputs, values)] as const)
          options.record({ ...countSelected(selection), ...Object.fromEntries(own) })
        }
        return selection as S & tf.TensorContainer
      }) as S
    }

    protected position(_options: MineOptions): tf.Tensor1D {
      throw new OptionError({ who: name, wanted: '`draws: true` of a miner that draws', got: 'none', fix: 'Say so beside its name.' })
    }
  }
  if (!setup.draws) return DeclaredMiner as unknown as MinerConstructor<D, S, Draws>

  class MinerWithDraws extends DeclaredMiner implements DrawingMiner {
    readonly #draws = new DrawBuffer(name)

    protected override position(options: MineOptions): tf.Tensor1D {
      return this.#draws.position(options)
    }

    state(): State {
      return this.#draws.state()
    }

    restore(state: State): void {
      this.#draws.restore(state)
    }

    dispose(): void {
      this.#draws.dispose()
    }
  }
  return MinerWithDraws as unknown as MinerConstructor<D, S, Draws>
}

function inputsOf(comparison: Comparison, distance: Distance, among: Selection | SelectionIndices | undefined, diagonal?: number): Omit<MinerInputs, 'draws'> {
  const { embeddings, references, relations } = comparison
  let known: tf.Tensor2D | undefined
  const distances = () => (known ??= distance.matrix(embeddings, references, diagonal))
  return {
    ...comparison,
    distance,
    distances,
    apart: () => (distance.isInverted ? (distance.margin(distances(), 0) as tf.Tensor2D) : distances()),
    pairs: () => (among ? toPairSelection('kind' in among ? among : selectionFromIndices(among, relations)) : allPairs(relations)),
  }
}

/** All that the labels allow, by a rule: whoever asks for some anchors at a time has the pairs of these alone. */
function allPairs(relations: LabelRelations): PairSelection {
  const { constants, whole, of } = relations.byBlocks()
  return pairsByRule({
    referenceCount: relations.referenceCount,
    constants,
    whole,
    weights: (block) => {
      const some = of(block)
      return { positive: some.positives(), negative: some.negatives() }
    },
  })
}
