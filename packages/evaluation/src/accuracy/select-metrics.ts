import { OptionError } from '@metric-learning/contracts'

const WHO = 'AccuracyCalculator'

export interface MetricSelection {
  readonly include?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
}

/**
 * The metrics that are included, or all, less those excluded; in the order of `known`.
 *
 * @throws {OptionError} when a name is not among `known`, the names are no list, or none is left.
 */
export function selectMetrics<T extends { readonly name: string }>(known: readonly T[], { include, exclude }: MetricSelection): T[] {
  expectNames('include', include, known)
  expectNames('exclude', exclude, known)
  const chosen = known.filter(({ name }) => (include?.includes(name) ?? true) && !exclude?.includes(name))
  if (chosen.length > 0) return chosen
  throw new OptionError({ who: WHO, wanted: 'a metric at least', got: include?.length === 0 ? '`include` of none' : 'all of them excluded', fix: `Include one out of ${namesOf(known)}, or exclude fewer.` })
}

function expectNames(option: string, names: readonly string[] | undefined, known: readonly { readonly name: string }[]): void {
  if (names === undefined) return
  const unknown = Array.isArray(names) ? names.find((wanted: string) => !known.some(({ name }) => name === wanted)) : names
  if (unknown === undefined) return
  throw new OptionError({
    who: WHO,
    wanted: `\`${option}\` to be a list out of ${namesOf(known)}`,
    got: String(unknown),
    fix: 'Name metrics of this calculator, each in quotes.',
  })
}

const namesOf = (known: readonly { readonly name: string }[]): string => known.map(({ name }) => name).join(', ')
