import { OptionError } from '@metric-learning/contracts'

export interface MetricSelection {
  readonly include?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
}

/**
 * The metrics that are included, or all, less those excluded; in the order of `known`.
 *
 * @throws {OptionError} when a name is not among `known`, or the names are no list.
 */
export function selectMetrics<T extends { readonly name: string }>(known: readonly T[], { include, exclude }: MetricSelection): T[] {
  expectNames('include', include, known)
  expectNames('exclude', exclude, known)
  return known.filter(({ name }) => (include?.includes(name) ?? true) && !exclude?.includes(name))
}

function expectNames(option: string, names: readonly string[] | undefined, known: readonly { readonly name: string }[]): void {
  if (names === undefined) return
  const unknown = Array.isArray(names) ? names.find((wanted: string) => !known.some(({ name }) => name === wanted)) : names
  if (unknown === undefined) return
  throw new OptionError({
    who: 'AccuracyCalculator',
    wanted: `\`${option}\` to be a list out of ${known.map(({ name }) => name).join(', ')}`,
    got: String(unknown),
    fix: 'Name metrics of this calculator, each in quotes.',
  })
}
