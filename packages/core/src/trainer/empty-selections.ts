import * as tf from '@tensorflow/tfjs-core'
import { isTensor, type Selection, type SelectionIndices } from '@metric-learning/contracts'
import { mapRule, withoutGradient } from '@metric-learning/ops'
import type { Objective } from './objective.js'

/**
 * In how many steps the miner of an objective selected nothing, so that its loss was 0 and taught nothing, but for what it looks at
 * besides (as a memory does). Counted on the device,
 * read where a run is looked at anyway, and saved with it.
 */
export class EmptySelections {
  /** By objective: int32 []. */
  readonly counts: ReadonlyMap<string, tf.Variable<tf.Rank.R0>>
  readonly #warned = new Set<string>()

  constructor(private readonly objectives: ReadonlyMap<string, Objective>) {
    const mining = [...objectives].filter(([, { miner }]) => miner)
    this.counts = new Map(mining.map(([name]) => [name, tf.tidy(() => tf.variable(tf.scalar(0, 'int32'), false))]))
  }

  /** Inside the step. */
  count(objective: string, selection: Selection | SelectionIndices | undefined): void {
    const count = this.counts.get(objective)
    const weights = selection && 'kind' in selection ? weightsOf(selection) : []
    // What is no selection the loss refuses.
    if (count && weights.length > 0) count.assign(tf.add(count, areAllZero(weights)))
  }

  /**
   * The counts that are above 0, by objective. The first time that one is there is a warning.
   *
   * @param steps of the run so far
   */
  async read(steps: number): Promise<Readonly<Record<string, number>>> {
    const found: Record<string, number> = {}
    for (const [name, variable] of this.counts) {
      const [count = 0] = await variable.data()
      if (count === 0) continue
      found[name] = count
      if (this.#warned.has(name)) continue
      this.#warned.add(name)
      globalThis.process?.emitWarning(
        `Objective "${name}": ${this.objectives.get(name)!.miner!.name} selected nothing in ${count} of ${steps} steps: nothing was learned there of what it is to select. The log counts them as train/emptySelections/${name}.`,
      )
    }
    return found
  }

  dispose(): void {
    tf.dispose([...this.counts.values()] as unknown as tf.Tensor[])
  }
}

/** 1 where no weight is above 0: int32 []. */
function areAllZero(weights: readonly (() => tf.Tensor)[]): tf.Scalar {
  return withoutGradient(() => {
    const largest = tf.max(tf.stack(weights.map((largestOf) => largestOf())))
    return tf.cast(tf.lessEqual(largest, 0), 'int32') as tf.Scalar
  })
}

/** What gives the largest weights of a selection, float32 [] each; nothing for what is none. */
function weightsOf(selection: Selection): (() => tf.Tensor)[] {
  const largestOf = (weights: tf.Tensor) => () => tf.max(weights)
  const given: readonly unknown[] = selection.kind === 'pairs' ? [selection.positive, selection.negative] : [selection.weights]
  if (selection.kind === 'tripletRule') return [() => tf.max(mapRule(selection, (weights) => tf.max(weights, [1, 2])))]
  return given.every((weights) => isTensor(weights) && weights.dtype === 'float32') ? (given as tf.Tensor[]).map(largestOf) : []
}
