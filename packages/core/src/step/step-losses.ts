import type * as tf from '@tensorflow/tfjs-core'
import { NonFiniteError, StateError } from '@metric-learning/contracts'
import type { StepResult } from './training-step.js'

/**
 * The loss terms of a step by name, read from the device when somebody asks, and once.
 *
 * A loss that is no number any more ends the run, as the step itself does where it can: the promise is rejected with a
 * `NonFiniteError`. So it is with a `StateError` when nobody has asked before the next step.
 *
 * @param when which step that is, for the error
 */
export function stepLosses(terms: StepResult['terms'], when: string): () => Promise<Readonly<Record<string, number>>> {
  let losses: Promise<Readonly<Record<string, number>>> | undefined
  return () => (losses ??= readLosses(terms, when))
}

async function readLosses(terms: StepResult['terms'], when: string): Promise<Readonly<Record<string, number>>> {
  if (Object.values(terms).some(({ isDisposed }) => isDisposed)) {
    throw new StateError({
      who: 'TrainedStep.loss',
      wanted: 'to be asked before the next step begins',
      got: `the question for ${when} after that`,
      fix: 'Await `loss()` or `losses()` within the loop or the tap, and keep the number.',
    })
  }
  const read = async ([name, term]: readonly [string, tf.Scalar]) => [name, (await term.data())[0]!] as const
  const losses = await Promise.all(Object.entries(terms).map(read))
  const broken = losses.find(([, value]) => !Number.isFinite(value))
  if (broken) throw new NonFiniteError(`Loss term "${broken[0]}"`, 'value', when)
  return Object.fromEntries(losses)
}
