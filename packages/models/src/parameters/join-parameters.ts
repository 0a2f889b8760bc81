import type { Parameters } from '@metric-learning/contracts'

/**
 * The parameters of several parts in one map, each name led by its part's.
 *
 * @example joinParameters({ conv: new Map([['weight', w]]) }) // 'conv.weight'
 */
export function joinParameters(...parts: readonly Readonly<Record<string, Parameters>>[]): Parameters {
  return new Map(
    parts.flatMap(Object.entries<Parameters>).flatMap(([part, parameters]) =>
      [...parameters].map(([name, variable]) => [`${part}.${name}`, variable] as const),
    ),
  )
}
