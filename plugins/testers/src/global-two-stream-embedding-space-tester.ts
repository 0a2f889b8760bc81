import type { Accuracy } from '@metric-learning/evaluation'
import { AccuracyTester } from './accuracy-tester.js'
import type { AccuracyTesterOptions, Comparison, TestedModel } from './tester-options.js'

export interface GlobalTwoStreamEmbeddingSpaceTesterOptions extends AccuracyTesterOptions<Accuracy<string>> {
  /** What second views go through, where that is another network than what is tested: `other` of the scheme `twoStreams`. Default: the same. */
  readonly secondStream?: TestedModel
}

/**
 * Judges two views of the same samples: the first view of each is a query, and neighbours are looked up among the second views of all, that of the
 * query's own sample included. So one finds the photograph of a sketch. Both go through the same model, unless there is a `secondStream`.
 *
 * Second views are the split `<name> references` of a test's result.
 *
 * @throws {OptionError} when an option is unknown, out of range, or does not go with another; when a split has `references`.
 * @throws {DataError} when a split has no samples, or one view.
 * @throws {LabelError} when a split has no column `labels` of one class a sample.
 * @throws {ShapeError} when samples of one split are of another kind than those of another; where it is used, when embeddings of the two
 * streams are not equally wide.
 * @example new GlobalTwoStreamEmbeddingSpaceTester({ splits: { sketches } }) // sketches.views === 2
 */
export class GlobalTwoStreamEmbeddingSpaceTester extends AccuracyTester<Accuracy<string>> {
  constructor(options: GlobalTwoStreamEmbeddingSpaceTesterOptions) {
    const { secondStream, ...others } = options
    super({ name: 'GlobalTwoStreamEmbeddingSpaceTester', twoStreams: true, secondStream }, others)
  }

  protected override judge(comparison: Comparison): Promise<Accuracy<string>> {
    return this.accuracyOf(comparison)
  }
}
