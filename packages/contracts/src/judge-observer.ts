import type * as tf from '@tensorflow/tfjs-core'
import type { LossTerms } from './loss.js'
import type { MineOptions } from './miner.js'

/** Is told what a loss and its miner find in a step, on the device: whoever counts and logs it. What it is told counts as no gradient. */
export interface JudgeObserver {
  /** Takes what the miner records of what it selects: {@link MineOptions.record}. Absent: nobody asks. */
  readonly record?: MineOptions['record']
  /** Takes the terms of a loss before they are reduced; they are there until the call returns. Absent: nobody asks. */
  readonly terms?: ((terms: LossTerms) => void) | undefined
  /** Takes whether the selection was empty, so that the loss had nothing to compare: 1 or 0, int32 []. */
  countEmpty(isEmpty: tf.Scalar): void
  /** Who is told of a loss within the loss, by the name that it has among its {@link Loss.nested}. */
  within(name: string): JudgeObserver
}
