import { expectBoolean, expectFunction, expectMethods, OptionError } from '@metric-learning/contracts'
import type { Metric } from '../metrics/metric.js'
import type { AccuracyCalculatorOptions } from './accuracy-options.js'

const WHO = 'AccuracyCalculator'

/** The options of a calculator, of whatever kind their values are. */
type GivenOptions = Readonly<Partial<Record<keyof AccuracyCalculatorOptions, unknown>>>

/**
 * Checks of what kind options are.
 *
 * @throws {OptionError} when one is of another.
 */
export function expectKinds(options: GivenOptions): void {
  for (const name of ['avgOfAvgs', 'returnPerClass', 'multiLabel'] as const) {
    if (options[name] !== undefined) expectBoolean(WHO, name, options[name])
  }
  for (const [name, example] of [['createIndex', '() => new ExactNeighbourIndex()'], ['labelComparison', '([query], [reference]) => query === reference']] as const) {
    if (options[name] !== undefined) expectFunction(WHO, name, options[name], example)
  }
  if (options.kmeans !== undefined) expectMethods(WHO, 'kmeans', options.kmeans, ['cluster'], 'new KMeans()')
}

/**
 * Checks that options go with each other and with the metrics.
 *
 * @throws {OptionError} when they do not.
 */
export function expectCompatible(
  { avgOfAvgs, returnPerClass, labelComparison, multiLabel }: Pick<AccuracyCalculatorOptions, 'avgOfAvgs' | 'returnPerClass' | 'multiLabel'> & { readonly labelComparison?: unknown },
  metrics: readonly Metric[],
): void {
  if (avgOfAvgs && returnPerClass) {
    throw new OptionError({
      who: WHO,
      wanted: '`avgOfAvgs` or `returnPerClass`',
      got: 'both',
      fix: 'Leave one out; the mean of what `returnPerClass` gives is what `avgOfAvgs` gives.',
    })
  }
  const names = metrics.filter(({ judges }) => judges === 'clusters').map(({ name }) => name)
  if ((labelComparison !== undefined || multiLabel) && names.length > 0) {
    throw new OptionError({
      who: WHO,
      wanted: `no metrics of clusters with \`${multiLabel ? 'multiLabel' : 'labelComparison'}\`, since clusters know equal labels only`,
      got: names.join(' and '),
      fix: `Pass \`exclude: [${names.map((name) => `'${name}'`).join(', ')}]\`.`,
    })
  }
}
