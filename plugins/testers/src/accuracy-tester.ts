import { AccuracyCalculator, type Accuracy } from '@metric-learning/evaluation'
import { BaseTester, type TesterKind } from './base-tester.js'
import type { AccuracyTesterOptions, Comparison, Judgement } from './tester-options.js'

/** A tester that judges by an `AccuracyCalculator`. */
export abstract class AccuracyTester<Found extends Judgement> extends BaseTester<Found> {
  readonly #calculator: AccuracyCalculator<string>

  protected constructor(kind: Pick<TesterKind, 'name' | 'withinParents' | 'twoStreams' | 'secondStream'>, options: AccuracyTesterOptions<Found>) {
    const { accuracyCalculator = new AccuracyCalculator(), ...others } = options
    const { metricNames, descriptions } = accuracyCalculator
    super({ ...kind, metricNames, descriptions, primaryMetric: 'meanAveragePrecisionAtR' }, others)
    this.#calculator = accuracyCalculator
  }

  /** The metrics of the calculator. */
  protected get metricNames(): readonly string[] {
    return this.#calculator.metricNames
  }

  protected accuracyOf({ query, reference, refIncludesQuery, onProgress }: Comparison): Promise<Accuracy<string>> {
    const among = query === reference ? {} : { reference, referenceLabels: reference.labels, refIncludesQuery }
    return this.#calculator.getAccuracy({ query, queryLabels: query.labels, ...among, onProgress })
  }
}
