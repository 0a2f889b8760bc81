import * as tf from '@tensorflow/tfjs-core'
import { OptionError, type MineOptions, type Miner } from '@metric-learning/contracts'
import { objectiveName, type Objective } from './objective.js'

/** What a miner recorded last, under its own names. */
interface Recorded {
  readonly names: readonly string[]
  /** NaN where nothing was recorded: float32 [names] */
  readonly values: tf.Variable<tf.Rank.R1>
}

/** What miners record of what they select, in variables that the step assigns; read where a run is looked at anyway. */
export class MinerStatistics {
  readonly #recorded: ReadonlyMap<string, Recorded>

  constructor(objectives: ReadonlyMap<string, Objective>) {
    const recording = [...objectives].flatMap(([name, { miner }]) => (miner?.statistics?.length ? [[name, miner.statistics] as const] : []))
    this.#recorded = new Map(recording.map(([name, names]) => [name, { names, values: tf.tidy(() => tf.variable(unrecorded(names), false)) }]))
  }

  /** The same objective, whose miner records; itself where it has nothing to record. */
  recording(objective: Objective): Objective {
    const name = objectiveName(objective)
    const recorded = this.#recorded.get(name)
    const { miner } = objective
    if (!recorded || !miner) return objective
    const record: MineOptions['record'] = (statistics) => {
      const missing = recorded.names.find((statistic) => !(statistic in statistics))
      if (missing !== undefined) {
        throw new OptionError({ who: `Objective "${name}"`, wanted: `${miner.name} to record ${recorded.names.join(', ')}`, got: `no ${missing}`, fix: 'Record all that `statistics` of the miner names.' })
      }
      recorded.values.assign(tf.stack(recorded.names.map((statistic) => statistics[statistic]!)) as tf.Tensor1D)
    }
    const mine: Miner['mine'] = (embeddings, labels, options) => {
      // A miner may stop recording during a run: what an earlier step left is not of this one.
      tf.tidy(() => {
        recorded.values.assign(unrecorded(recorded.names))
      })
      return miner.mine(embeddings, labels, { ...options, record })
    }
    return { ...objective, miner: { name: miner.name, mine } }
  }

  /** What was recorded in the last step, as `<objective>/<statistic>`; nothing of a miner that did not record, and no NaN. */
  async read(): Promise<Readonly<Record<string, number>>> {
    const found: Record<string, number> = {}
    for (const [objective, { names, values }] of this.#recorded) {
      const read = await values.data()
      for (const [i, name] of names.entries()) if (!Number.isNaN(read[i])) found[`${objective}/${name}`] = read[i]!
    }
    return found
  }

  dispose(): void {
    for (const { values } of this.#recorded.values()) values.dispose()
  }
}

const unrecorded = (names: readonly string[]): tf.Tensor1D => tf.fill<tf.Rank.R1>([names.length], NaN)
