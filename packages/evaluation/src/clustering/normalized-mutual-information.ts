import { contingency } from './contingency.js'
import { entropy, mutualInformation } from './mutual-information.js'

/**
 * NMI(U, V) = I(U, V) / ((H(U) + H(V)) / 2), in [0, 1]: how well two labellings of the same elements agree.
 *
 * 1 for labellings that are equal up to names, two with a single class each included. Equal to scikit-learn's
 * `normalized_mutual_info_score` with its arithmetic mean. Grows with the number of clusters even by chance;
 * {@link adjustedMutualInformation} does not.
 *
 * @throws {LabelError} when the labellings differ in length.
 */
export function normalizedMutualInformation(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const table = contingency(first, second)
  if (table.rowSizes.length <= 1 && table.columnSizes.length <= 1) return 1
  const information = mutualInformation(table)
  return information === 0 ? 0 : information / ((entropy(table.rowSizes) + entropy(table.columnSizes)) / 2)
}
