import { describeValue } from '../errors/describe-value.js'
import { LabelError } from '../errors/metric-learning-error.js'
import type { Labels } from './label-relations.js'

/** A label as int32, which is what the device compares. */
const isLabel = (label: unknown): boolean => Number.isInteger(label) && label === ((label as number) | 0)

/** @throws {LabelError} when these are no list of labels, there is none, or one is not an integer of 32 bits. */
export function toLabelArray(what: string, labels: Labels): Int32Array {
  const isList = typeof labels === 'object' && typeof (labels as { length?: unknown }).length === 'number'
  const fault = isList ? Array.prototype.findIndex.call(labels, (label) => !isLabel(label)) : 0
  if (!isList || labels.length === 0 || fault !== -1) {
    const got = !isList ? describeValue(labels) : labels.length === 0 ? 'an empty list' : `${describeValue(labels[fault])} at position ${fault}`
    throw new LabelError({
      who: 'LabelRelations',
      wanted: `\`${what}\` to be a non-empty list of integers`,
      got,
      fix: isList ? 'Number the classes with integers.' : 'Labels belong to the host: pass an array or an Int32Array.',
    })
  }
  return Int32Array.from(labels)
}
