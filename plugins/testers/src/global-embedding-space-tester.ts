import type { Accuracy } from '@metric-learning/evaluation'
import { AccuracyTester } from './accuracy-tester.js'
import type { AccuracyTesterOptions, Comparison } from './tester-options.js'

export type GlobalEmbeddingSpaceTesterOptions = AccuracyTesterOptions<Accuracy<string>>

/**
 * Judges how good a space whole splits make: neighbours of each query among all references, and clusters.
 *
 * @throws {OptionError} when an option is unknown, out of range, or does not go with another.
 * @throws {DataError} when a split has no samples.
 * @throws {LabelError} when a split has no column `labels` of one class a sample.
 * @throws {ShapeError} when samples of one split are of another kind than those of another.
 * @example
 * const tester = new GlobalEmbeddingSpaceTester({ splits: { val } })
 * const { metrics } = await tester.test({ trunk, embedder })
 * console.log(metrics.val.precisionAt1)
 */
export class GlobalEmbeddingSpaceTester extends AccuracyTester<Accuracy<string>> {
  constructor(options: GlobalEmbeddingSpaceTesterOptions) {
    super({ name: 'GlobalEmbeddingSpaceTester' }, options)
  }

  protected override judge(comparison: Comparison): Promise<Accuracy<string>> {
    return this.accuracyOf(comparison)
  }
}
