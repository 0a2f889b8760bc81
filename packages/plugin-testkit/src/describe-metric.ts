import { expectKnownOptions, Random } from '@metric-learning/contracts'
import { describe } from 'vitest'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectNumbers, expectRefused, expectThat, short } from './expectations.js'

/** What {@link describeMetric} checks. */
export const METRIC_CHECKS = {
  name: { title: 'has a name, the same in every object, that a tag can end with', look: '`name`: letters, digits, `.`, `-` and `_`, for it is logged as `val/<name>`.' },
  value: { title: 'gives a finite number', look: 'the function that computes it, and divisions in it.' },
  unequal: { title: 'gives a finite number where classes are of unequal size, one of a single sample', look: 'divisions by the number of matches, and numbers that are taken for the same in all classes.' },
  better: { title: 'is better where classes are apart than where they are mixed', look: '`better`: larger, unless it says smaller; and the sign of the formula.' },
  repeatable: { title: 'gives the same again', look: 'what it keeps between calls, and what it writes into what it is given.' },
  permutation: { title: 'does not depend on the order of samples', look: 'what it does by row numbers.' },
  labels: { title: 'does not depend on the numbers of classes', look: 'labels that are taken for numbers: they say which samples are alike, and no more.' },
  mistakes: { title: 'refuses mistakes with an error of this library', look: 'the function that makes it: `expectFixedNumber` of contracts.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeMetric}. */
export type MetricCheck = keyof typeof METRIC_CHECKS

/** What a calculator is asked for: embeddings, each looked up among the others, and their labels. */
export interface MetricRequest {
  readonly query: number[][]
  readonly queryLabels: number[]
}

/** What computes a metric: an `AccuracyCalculator` of evaluation. */
export interface MetricCalculator {
  getAccuracy(request: MetricRequest): Promise<{ readonly metrics: object }>
}

/** How a metric is tried. */
export interface MetricConformance<Metric extends { readonly name: string }> {
  /** Makes the metric, every time the same one. */
  readonly create: () => Metric
  /** What computes it: `(metric) => new AccuracyCalculator({ metrics: [metric], include: [metric.name] })`. */
  readonly calculator: (metric: Metric) => MetricCalculator
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<MetricCheck>
}

/**
 * Whether a metric of evaluations keeps its contract: a finite number, better for classes that are apart, the same whatever the order of
 * samples and the numbers of classes.
 *
 * @example
 * describeMetric('lastRank', {
 *   create: () => lastRank,
 *   calculator: (metric) => new AccuracyCalculator({ metrics: [metric], include: [metric.name] }),
 * })
 */
export function describeMetric<Metric extends { readonly name: string }>(name: string, conformance: MetricConformance<Metric>): void {
  expectKnownOptions('describeMetric', conformance, ['create', 'calculator', 'mistakes', 'skip'])
  const { create, calculator, mistakes = {}, skip = {} } = conformance
  const check = checksOf('describeMetric', METRIC_CHECKS, skip)

  describe(name, () => {
    const valueOf = async (request: MetricRequest, metric = create()): Promise<number> => {
      const { metrics } = await calculator(metric).getAccuracy(request)
      return (metrics as Readonly<Record<string, number>>)[metric.name]!
    }
    const expectNumber = (value: unknown, what: string) => {
      expectThat(Number.isFinite(value), { what, wanted: 'a finite number', got: String(value) })
    }
    const expectEqual = (what: string, value: number, wanted: number, as: string) => {
      expectNumbers({ what, actual: [value], wanted: [wanted], as })
    }

    check('name', () => {
      const [one, another] = [create(), create()]
      expectThat(/^[\w.-]+$/.test(one.name), { what: '`name`', wanted: 'letters, digits, `.`, `-` and `_`', got: JSON.stringify(one.name) })
      expectThat(one.name === another.name, { what: '`name` of a second one', wanted: JSON.stringify(one.name), got: JSON.stringify(another.name) })
    })

    check('value', async () => {
      expectNumber(await valueOf(apart), 'the value where classes are apart')
      expectNumber(await valueOf(mixed), 'the value where classes are mixed')
    })

    check('unequal', async () => {
      expectNumber(await valueOf(unequal), 'the value of classes of 1, 2, 3, 6 and 8 samples')
    })

    check('better', async () => {
      const isSmaller = (create() as { readonly better?: string }).better === 'smaller'
      const [good, bad] = [await valueOf(apart), await valueOf(mixed)]
      expectThat(isSmaller ? good < bad : good > bad, { what: 'the value where classes are apart', wanted: `a ${isSmaller ? 'smaller' : 'larger'} one than where they are mixed, ${short(bad)}`, got: short(good) })
    })

    check('repeatable', async () => {
      const metric = create()
      const first = await valueOf(mixed, metric)
      expectEqual('the value of a second call', await valueOf(mixed, metric), first, 'the first call gave')
      expectEqual('the value of a second object', await valueOf(mixed), first, 'the first one gave')
    })

    check('permutation', async () => {
      const order = new Random(3).shuffle(Array.from(mixed.queryLabels.keys()))
      const shuffled = { query: order.map((row) => mixed.query[row]!), queryLabels: order.map((row) => mixed.queryLabels[row]!) }
      expectEqual('the value of samples in another order', await valueOf(shuffled), await valueOf(mixed), 'it was before')
    })

    check('labels', async () => {
      const renamed = { ...mixed, queryLabels: mixed.queryLabels.map((label) => [40, 3, 17, 0][label]!) }
      expectEqual('the value with other numbers of the same classes', await valueOf(renamed), await valueOf(mixed), 'it was before')
    })

    for (const [mistake, make] of Object.entries(mistakes)) check('mistakes', () => {
      expectRefused(mistake, make)
    }, { of: mistake })
  })
}

/** Points around centres, a class each, as many as `sizes` say. */
function points(sizes: readonly number[], spread: number): MetricRequest {
  const random = new Random(21)
  const queryLabels = sizes.flatMap((size, label) => Array.from({ length: size }, () => label))
  const centres = sizes.map(() => Array.from({ length: 4 }, () => 3 * random.normal()))
  return { query: queryLabels.map((label) => centres[label]!.map((value) => value + spread * random.normal())), queryLabels }
}

const apart = points([6, 6, 6, 6], 0.05)
/** The same points, whose classes have nothing to do with where they are. */
const mixed: MetricRequest = { query: apart.query, queryLabels: apart.queryLabels.map((_, row) => row % 4) }
const unequal = points([1, 2, 3, 6, 8], 2)
