import type * as tf from '@tensorflow/tfjs-core'
import { expectMethods, nestedState, restoreNested, type LabelRelations, type Labels, type MineOptions, type Miner, type Selection, type State, type Stateful } from '@metric-learning/contracts'
import { compareEmbeddings, withoutGradient } from '@metric-learning/ops'

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

  mine(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, options: MineOptions = {}): S {
    return withoutGradient(() => {
      const { relations } = compareEmbeddings(this.name, embeddings, labels, options.references)
      const selections = this.miners.map((miner, i) => miner.mine(embeddings, relations, { ...options, ...recordOf(i, options) }))
      return this.compose(selections, relations, options) as S & tf.TensorContainer
    }) as S
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

/** Who takes what the i-th miner records. */
function recordOf(i: number, { record }: MineOptions): Pick<MineOptions, 'record'> {
  if (!record) return {}
  return {
    record: (statistics) => {
      record(Object.fromEntries(Object.entries(statistics).map(([name, value]) => [recordedAs(i, name), value])))
    },
  }
}
