import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectMethods, type LabelRelations, type Labels, type MineOptions, type Miner, type Selection, type SelectionIndices, type State, type Stateful } from '@metric-learning/contracts'
import { compareEmbeddings, expectDrawPosition, expectSelection, nestedState, restoreNested, selectionFromIndices, withoutGradient } from '@metric-learning/ops'

/** What miners share that make something of what other miners select. */
export abstract class ComposedMiner<S extends Selection = Selection> implements Miner<S>, Stateful {
  readonly miners: readonly Miner[]

  /** @throws {OptionError} when one of them is no miner. */
  constructor(
    readonly name: string,
    miners: readonly Miner[],
  ) {
    for (const [i, miner] of miners.entries()) expectMethods(name, `miners[${i}]`, miner, ['mine'], 'new MultiSimilarityMiner()')
    this.miners = miners
  }

  /** What is selected in the end. Off the gradient tape. */
  protected abstract compose(selections: readonly Selection[], relations: LabelRelations, options: MineOptions): S

  /** Those of its miners, as `miners.0/numTriplets`. */
  get statistics(): readonly string[] | undefined {
    const names = this.miners.flatMap(({ statistics = [] }, i) => statistics.map((name) => recordedAs(i, name)))
    return names.length > 0 ? names : undefined
  }

  /**
   * @throws {OptionError} when one of its miners gives no selection.
   * @throws {ShapeError} when one of them selects from another batch.
   */
  mine(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, options: MineOptions = {}): S {
    expectKnownOptions(`${this.name}.mine`, options, ['references', 'position', 'record'])
    if (options.position) expectDrawPosition(this.name, options.position)
    return withoutGradient(() => {
      const { relations } = compareEmbeddings(this.name, embeddings, labels, options.references)
      const recorded = options.record && new Recorded()
      try {
        const selections = this.miners.map((miner, i) => this.#selected(miner, relations, miner.mine(embeddings, relations, { ...options, ...recorded?.of(i) })))
        recorded?.give(options.record!, this.statistics ?? [])
        return this.compose(selections, relations, options) as S & tf.TensorContainer
      } finally {
        recorded?.dispose()
      }
    }) as S
  }

  /** What a miner selects, on the device, also where it gives row numbers. */
  #selected({ name }: Miner, relations: LabelRelations, selection: Selection | SelectionIndices): Selection {
    expectSelection(`${name} in ${this.name}`, selection, relations)
    return 'kind' in selection ? selection : selectionFromIndices(selection, relations)
  }

  /** What the miners remember. */
  state(): State {
    return nestedState(this.#parts())
  }

  /** @throws {StateError} when the state is none of these miners. */
  restore(state: State): void {
    restoreNested(this.name, this.#parts(), state)
  }

  #parts(): Readonly<Record<string, object>> {
    return Object.fromEntries(this.miners.map((miner, i) => [`miners.${i}`, miner]))
  }
}

const recordedAs = (i: number, name: string): string => `miners.${i}/${name}`

/** What several miners record, for one record of them all. */
class Recorded {
  readonly #values: Record<string, tf.Scalar> = {}

  /** Takes what the i-th miner records. */
  of(i: number): Required<Pick<MineOptions, 'record'>> {
    return {
      record: (statistics) => {
        // A miner frees its own when it is done, which is before all have recorded.
        for (const [name, value] of Object.entries(statistics)) this.#values[recordedAs(i, name)] = tf.keep(tf.clone(value))
      },
    }
  }

  /** Nothing where no miner recorded; NaN for one that records no more. */
  give(record: NonNullable<MineOptions['record']>, names: readonly string[]): void {
    if (Object.keys(this.#values).length === 0) return
    record({ ...Object.fromEntries(names.map((name) => [name, tf.scalar(NaN)])), ...this.#values })
  }

  dispose(): void {
    tf.dispose(this.#values)
  }
}
