import type { Loss, Parameters } from '@metric-learning/contracts'

/** A loss within another, and what its weights are called there: `losses.1.` before their own names. */
export interface NestedLoss {
  readonly prefix: string
  readonly loss: Loss
}

/** The learnable weights of nested losses. */
export const nestedParameters = (nested: readonly NestedLoss[]): Parameters => joined(nested, ({ parameters }) => parameters)

/** What calls of nested losses change by assignment. */
export const nestedBuffers = (nested: readonly NestedLoss[]): Parameters => joined(nested, ({ buffers }) => buffers ?? new Map())

function joined(nested: readonly NestedLoss[], of: (loss: Loss) => Parameters): Parameters {
  return new Map(nested.flatMap(({ prefix, loss }) => [...of(loss)].map(([name, variable]) => [`${prefix}${name}`, variable] as const)))
}
