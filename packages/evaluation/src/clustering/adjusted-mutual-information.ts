import { contingency } from './contingency.js'
import { expectedMutualInformation } from './expected-mutual-information.js'
import { entropy, mutualInformation } from './mutual-information.js'

/**
 * AMI(U, V) = (I(U, V) - E[I]) / ((H(U) + H(V)) / 2 - E[I]): how well two labellings agree beyond chance.
 *
 * 1 for labellings that are equal up to names, about 0 for independent ones, slightly negative at times; 0 when just
 * one of them has a single class. E[I] is the mean over all permutations. Equal to scikit-learn's
 * `adjusted_mutual_info_score` with its arithmetic mean.
 *
 * @throws {LabelError} when the labellings differ in length.
 * @see Vinh, Epps, Bailey, Information Theoretic Measures for Clusterings Comparison, JMLR 11 (2010).
 */
export function adjustedMutualInformation(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const table = contingency(first, second)
  const { rowSizes, columnSizes } = table
  if (rowSizes.length <= 1 && columnSizes.length <= 1) return 1
  if (rowSizes.length === 1 || columnSizes.length === 1) return 0
  const expected = expectedMutualInformation(table)
  const most = (entropy(rowSizes) + entropy(columnSizes)) / 2
  return awayFromZero(mutualInformation(table) - expected) / awayFromZero(most - expected)
}

/** Equal, tiny differences make 1 and not NaN. */
const awayFromZero = (x: number) => (x < 0 ? Math.min(x, -Number.EPSILON) : Math.max(x, Number.EPSILON))
