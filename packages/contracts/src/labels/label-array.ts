import { describeValue } from '../errors/describe-value.js'
import { LabelError } from '../errors/metric-learning-error.js'
import { isLabelRelations, type Labels } from './label-relations.js'

/** A label as int32, which is what the device compares. Nothing else becomes one: no name, no fraction, no NaN, no bigint. */
export const isLabel = (label: unknown): label is number => Number.isInteger(label) && label === ((label as number) | 0)

/**
 * Labels as a new Int32Array. Takes any list of integers, such as a Float32Array of whole numbers.
 *
 * @param who in whose name it complains
 * @param what what the labels are called there
 * @throws {LabelError} when these are no list of labels, there is none, or one is not an integer of 32 bits.
 */
export function toLabelArray(who: string, what: string, labels: Labels): Int32Array {
  const isList = typeof labels === 'object' && typeof (labels as { length?: unknown } | null)?.length === 'number'
  const fault = isList ? Array.prototype.findIndex.call(labels, (label) => !isLabel(label)) : 0
  if (!isList || labels.length === 0 || fault !== -1) {
    const got = !isList ? describeValue(labels) : labels.length === 0 ? 'an empty list' : `${describeValue(labels[fault])} at position ${fault}`
    throw new LabelError({
      who,
      wanted: `\`${what}\` to be a non-empty list of integers of 32 bits`,
      got,
      fix: isList
        ? 'Number the classes with integers from 0.'
        : isLabelRelations(labels)
          ? 'These are relations, as the trainer gives them to losses and miners: `asRelations(labels)` of @metric-learning/ops takes either, `labels.queryLabels` are the numbers.'
          : 'Labels belong to the host: pass an array or an Int32Array.',
    })
  }
  return Int32Array.from(labels)
}
