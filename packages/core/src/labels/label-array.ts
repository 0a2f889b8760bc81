import { LabelError } from '../errors/metric-learning-error.js'
import type { Labels } from './label-relations.js'

/** @throws {LabelError} when there is no label, or one is not an integer. */
export function toLabelArray(what: string, labels: Labels): Int32Array {
  const fault = Array.prototype.findIndex.call(labels, (label: number) => !Number.isInteger(label))
  if (labels.length === 0 || fault !== -1) {
    throw new LabelError({
      who: 'LabelRelations',
      wanted: `\`${what}\` to be a non-empty list of integers`,
      got: labels.length === 0 ? 'an empty list' : `${String(labels[fault])} at position ${fault}`,
      fix: 'Number the classes with integers.',
    })
  }
  return Int32Array.from(labels)
}
