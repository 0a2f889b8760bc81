import type { Optimizer, Parameters } from '@metric-learning/contracts'
import { Adam } from '../optimizers/adam.js'
import type { TrainerOptions } from './trainer-options.js'
import { objectiveName } from './objective-plugin.js'

/** Parameters that one optimizer changes, under names that are unique within the run. */
export interface ParameterGroup {
  /** `trunk`, `embedder` or `losses.<objective>`: the first part of the names. */
  readonly name: string
  readonly parameters: Parameters
  readonly optimizer: Optimizer
}

/** One group for the trunk, one for the embedder, one for each loss with parameters of its own. */
export function parameterGroups(options: TrainerOptions): readonly ParameterGroup[] {
  const { trunk, embedder, objectives } = options
  const groups = [
    group('trunk', trunk.parameters, options.trunkOptimizer),
    group('embedder', embedder.parameters, options.embedderOptimizer),
    ...objectives.map((objective) =>
      group(`losses.${objectiveName(objective)}`, objective.loss.parameters, objective.optimizer),
    ),
  ]
  return groups.filter(({ parameters }) => parameters.size > 0)
}

function group(name: string, parameters: Parameters, optimizer: Optimizer = new Adam()): ParameterGroup {
  return {
    name,
    parameters: new Map([...parameters].map(([key, variable]) => [`${name}.${key}`, variable])),
    optimizer,
  }
}
