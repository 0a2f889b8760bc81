import { NonFiniteError } from '@metric-learning/contracts'
import type { StepResult } from './training-step.js'

/**
 * The loss terms of a step by name, read from the device when somebody asks, and once.
 *
 * A loss that is no number any more ends the run, as the step itself does where it can: the promise is rejected with a
 * `NonFiniteError`.
 *
 * @param when which step that is, for the error
 */
export function stepLosses(result: StepResult, when: string): () => Promise<Readonly<Record<string, number>>> {
  let losses: Promise<Readonly<Record<string, number>>> | undefined
  return () => (losses ??= readLosses(result, when))
}

async function readLosses({ termNames, terms }: StepResult, when: string): Promise<Readonly<Record<string, number>>> {
  const values = await terms.data()
  const losses = Object.fromEntries(termNames.map((name, i) => [name, values[i]!]))
  const broken = termNames.find((name) => !Number.isFinite(losses[name]))
  if (broken !== undefined) throw new NonFiniteError(`Loss term "${broken}"`, 'value', when)
  return losses
}
