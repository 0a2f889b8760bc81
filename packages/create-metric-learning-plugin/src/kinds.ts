import { CreatePluginError } from './create-plugin-error.js'

/** What a plugin can be, and how the template of each names its part: a class, or a function that makes it. */
export const KINDS = {
  loss: 'class',
  miner: 'class',
  sampler: 'class',
  distance: 'class',
  reducer: 'class',
  metric: 'function',
  tester: 'class',
  logger: 'function',
  schedule: 'function',
  dataset: 'function',
} as const

export type Kind = keyof typeof KINDS

/** All kinds, for lists and messages. */
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[]

/** @throws {CreatePluginError} with the code `CPL_KIND` when that is none. */
export function expectKind(who: string, kind: unknown): asserts kind is Kind {
  if (typeof kind === 'string' && Object.hasOwn(KINDS, kind)) return
  throw new CreatePluginError('CPL_KIND', {
    who,
    wanted: `a kind of plugin: ${KIND_NAMES.join(', ')}`,
    got: kind === undefined ? 'none' : JSON.stringify(kind),
    fix: 'Pass one of these, or a name that ends with one, such as `spread-loss`.',
  })
}

/** The kind that a name ends with, as `loss` of `spread-loss`, also one in capitals, which npm does not take; `undefined` where it ends with none. */
export const kindOf = (name: string): Kind | undefined => KIND_NAMES.find((kind) => new RegExp(`(^|[^a-z])${kind}$`).test(name.toLowerCase()))
