import { goldenNumber, isGoldenObject } from './golden-case.js'

/** Classes by PyTorch Metric Learning's name. */
export type Registry = Readonly<Record<string, new (options: never) => object>>

/**
 * Constructs a class with keyword arguments turned into camelCase options, objects among them constructed too.
 *
 * @param further options as they are named here
 */
export function construct<T>(name: string, args: Readonly<Record<string, unknown>>, registry: Registry, further: object = {}): T {
  const type = registry[name]
  if (!type) throw new Error(`${name} is not in the registry`)
  return new type({ ...choices[name], ...toOptions(args, registry), ...further } as never) as T
}

/** What PyTorch Metric Learning does without a choice, where the default here is another. */
const choices: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  AngularLoss: { normalizeNegatives: false },
  AngularMiner: { normalizeEmbeddings: false },
  LiftedStructureLoss: { countRepeats: true },
  NTXentLoss: { countRepeats: true },
  TupletMarginLoss: { countRepeats: true },
}

/** Keyword arguments as options. Strings are numbers that JSON has no form for; null, Python's None, is the default. */
export function toOptions(args: Readonly<Record<string, unknown>>, registry: Registry): Record<string, unknown> {
  const given = Object.entries(args).filter(([, value]) => value !== null)
  return Object.fromEntries(given.map(([key, value]) => [camelCase(key), toOption(value, registry)]))
}

/** The first class among arguments that the registry lacks. */
export function missingClass(args: unknown, registry: Registry): string | undefined {
  if (typeof args !== 'object' || args === null) return undefined
  if (isGoldenObject(args)) return registry[args.class] ? missingClass(args.args, registry) : args.class
  for (const value of Object.values(args)) {
    const missing = missingClass(value, registry)
    if (missing) return missing
  }
  return undefined
}

function toOption(value: unknown, registry: Registry): unknown {
  if (isGoldenObject(value)) return construct(value.class, value.args, registry)
  if (Array.isArray(value)) return value.map((item) => toOption(item, registry))
  if (typeof value === 'object' && value !== null) {
    if ('tensor' in value) return (value.tensor as unknown[]).map(goldenNumber)
    return toOptions(value as Record<string, unknown>, registry)
  }
  return typeof value === 'string' && !Number.isNaN(goldenNumber(value)) ? goldenNumber(value) : value
}

/** The name that an argument or a term of a loss has here: `pos_loss` is `posLoss`. */
export const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
