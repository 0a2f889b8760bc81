import { OptionError } from '@metric-learning/contracts'
import type { MetricName } from './metric-name.js'

export interface MetricSelection {
  readonly include?: readonly MetricName[] | undefined
  readonly exclude?: readonly MetricName[] | undefined
}

/**
 * The metrics that are included, or all, less those excluded; in the order of `known`.
 *
 * @throws {OptionError} when a name is not among `known`, or the names are no list.
 */
export function selectMetrics(known: readonly MetricName[], { include, exclude }: MetricSelection): MetricName[] {
  expectNames('include', include, known)
  expectNames('exclude', exclude, known)
  return known.filter((name) => (include ?? known).includes(name) && !exclude?.includes(name))
}

function expectNames(option: string, names: readonly MetricName[] | undefined, known: readonly MetricName[]): void {
  if (names === undefined) return
  const unknown = Array.isArray(names) ? names.find((name: MetricName) => !known.includes(name)) : names
  if (unknown === undefined) return
  throw new OptionError({
    who: 'AccuracyCalculator',
    wanted: `\`${option}\` to be a list out of ${known.join(', ')}`,
    got: String(unknown),
    fix: 'Name metrics of this calculator, each in quotes.',
  })
}
