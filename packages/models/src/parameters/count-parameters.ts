import type { Module } from '@metric-learning/contracts'

/** How many numbers training changes by gradients: the sizes of all parameters, without the buffers. */
export function countParameters(module: Pick<Module, 'parameters'>): number {
  return [...module.parameters.values()].reduce((sum, variable) => sum + variable.size, 0)
}
