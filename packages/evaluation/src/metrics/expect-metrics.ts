import { describeValue, OptionError } from '@metric-learning/contracts'
import type { Metric } from './metric.js'
import { METRIC_NAMES } from './metric-name.js'

const WHO = 'AccuracyCalculator'
/** What a metric of each kind has to have. */
const COMPUTED_BY = { ranks: 'compute', neighbours: 'compute', pool: 'pool', embeddings: 'compute', clusters: 'compute' } as const satisfies Record<Metric['judges'], string>

/**
 * Checks metrics of one's own.
 *
 * @throws {OptionError} when they are no list, one is no metric, or two are of one name, those that every calculator has included.
 */
export function expectMetrics(metrics: readonly Metric[]): void {
  if (!Array.isArray(metrics)) throw wrong('`metrics` to be a list', metrics, 'Pass one such as `[recallAtK(10)]`.')
  const names = new Set<string>(METRIC_NAMES)
  metrics.forEach((metric: Metric, i) => {
    const at = `\`metrics[${i}]\``
    if (typeof metric !== 'object' || (metric as unknown) === null) throw wrong(`${at} to be an object`, metric, 'Call the function that makes it, such as `recallAtK(10)`.')
    const { name, judges, better = 'larger', inPercent = false } = metric
    if (typeof name !== 'string' || name === '') throw wrong(`${at} to have a name`, name)
    if (names.has(name)) throw wrong(`${at} to have a name of its own`, name, 'Leave it out, or name it otherwise: `{ ...metric, name }`.')
    names.add(name)
    if (!Object.hasOwn(COMPUTED_BY, judges)) throw wrong(`\`judges\` of ${name} to be ${Object.keys(COMPUTED_BY).join(' or ')}`, judges)
    const method = COMPUTED_BY[judges]
    const given = metric as unknown as Readonly<Record<string, unknown>>
    if (typeof given[method] !== 'function') throw wrong(`${name} to have a function \`${method}\``, given[method])
    if (!['larger', 'smaller'].includes(better)) throw wrong(`\`better\` of ${name} to be 'larger' or 'smaller'`, better)
    if (typeof inPercent !== 'boolean') throw wrong(`\`inPercent\` of ${name} to be true or false`, inPercent)
    if (judges === 'ranks') expectDepth(name, 'depth', metric.depth ?? 'all', ['matches', 'all'])
    if (judges === 'neighbours' || judges === 'pool') expectDepth(name, 'neighbours', metric.neighbours, ['all'])
  })
}

function expectDepth(name: string, option: string, depth: unknown, words: readonly string[]): void {
  if (words.includes(depth as string) || (Number.isInteger(depth) && (depth as number) > 0)) return
  throw wrong(`\`${option}\` of ${name} to be a positive integer or ${words.map((word) => `'${word}'`).join(' or ')}`, depth)
}

const wrong = (wanted: string, got: unknown, fix = 'docs/metrics.md says what a metric of one’s own is.'): OptionError =>
  new OptionError({ who: WHO, wanted, got: describeValue(got), fix })
