import * as tf from '@tensorflow/tfjs-core'
import { OptionError, type MineOptions } from '@metric-learning/contracts'
import type { ObservedJudge } from './observed-judges.js'

/** What a miner recorded last, under its own names. */
interface Recorded {
  readonly objective: string
  readonly miner: string
  readonly names: readonly string[]
  /** NaN where nothing was recorded: float32 [names] */
  readonly values: tf.Variable<tf.Rank.R1>
}

/** What miners record of what they select, in variables that the step assigns; read where a run is looked at anyway. */
export class MinerStatistics {
  /** By judge. */
  readonly #recorded: ReadonlyMap<string, Recorded>

  constructor(judges: readonly ObservedJudge[]) {
    const recording = judges.flatMap(({ path, objective, miner }) => (miner?.statistics?.length ? [[path, objective, miner.name, miner.statistics] as const] : []))
    this.#recorded = new Map(
      recording.map(([path, objective, miner, names]) => [path, { objective, miner, names, values: tf.tidy(() => tf.variable(unrecorded(names), false)) }]),
    )
  }

  /** A miner may stop recording during a run: what an earlier step left is not of this one. Inside the step. */
  forget(objective: string): void {
    tf.tidy(() => {
      for (const recorded of this.#recorded.values()) if (recorded.objective === objective) recorded.values.assign(unrecorded(recorded.names))
    })
  }

  /** Takes what the miner of a judge records; nothing where it has nothing to record. Inside the step. */
  recorderOf(path: string): MineOptions['record'] {
    const recorded = this.#recorded.get(path)
    if (!recorded) return undefined
    const { miner, names, values } = recorded
    return (statistics) => {
      const missing = names.find((statistic) => !(statistic in statistics))
      if (missing !== undefined) {
        throw new OptionError({ who: `Objective "${path}"`, wanted: `${miner} to record ${names.join(', ')}`, got: `no ${missing}`, fix: 'Record all that `statistics` of the miner names.' })
      }
      tf.tidy(() => {
        values.assign(tf.stack(names.map((statistic) => statistics[statistic]!)) as tf.Tensor1D)
      })
    }
  }

  /** What was recorded in the last step, as `<judge>/<statistic>`; nothing of a miner that did not record, and no NaN. */
  async read(): Promise<Readonly<Record<string, number>>> {
    const found: Record<string, number> = {}
    for (const [path, { names, values }] of this.#recorded) {
      const read = await values.data()
      for (const [i, name] of names.entries()) if (!Number.isNaN(read[i])) found[`${path}/${name}`] = read[i]!
    }
    return found
  }

  dispose(): void {
    for (const { values } of this.#recorded.values()) values.dispose()
  }
}

const unrecorded = (names: readonly string[]): tf.Tensor1D => tf.fill<tf.Rank.R1>([names.length], NaN)
