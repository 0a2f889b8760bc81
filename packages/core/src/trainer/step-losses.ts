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
export function stepLosses(result: StepResult, when: string): () => Promise<Readonly<Record<string, number>>> {
  let losses: Promise<Readonly<Record<string, number>>> | undefined
  return () => (losses ??= readLosses(result, when))
}

async function readLosses({ termNames, terms }: StepResult, when: string): Promise<Readonly<Record<string, number>>> {
  if (terms.isDisposed) {
    throw new StateError({
      who: 'TrainedStep.loss',
      wanted: 'to be asked before the next step begins',
      got: `the question for ${when} after that`,
      fix: 'Await `loss()` or `losses()` within the loop or the tap, and keep the number.',
    })
  }
  const values = await terms.data()
  const losses = Object.fromEntries(termNames.map((name, i) => [name, values[i]!]))
  const broken = termNames.find((name) => !Number.isFinite(losses[name]))
  if (broken !== undefined) throw new NonFiniteError(`Loss term "${broken}"`, 'value', when)
  return losses
}
