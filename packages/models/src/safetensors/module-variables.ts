import type { Module, Parameters } from '@metric-learning/contracts'

/** What a saved module consists of: parameters, then buffers. */
export function moduleVariables({ parameters, buffers }: Pick<Module, 'parameters' | 'buffers'>): Parameters {
  return new Map([...parameters, ...buffers])
}
