import type * as tf from '@tensorflow/tfjs-core'
import {
  describeValue,
  expectShape,
  inNameOf,
  OptionError,
  ShapeError,
  type LabelRelations,
  type PairSelection,
  type Selection,
  type SelectionIndices,
} from '@metric-learning/contracts'
import { ruleOf } from './pair-rules.js'

/** The extents that selections are checked against. */
export type Extents = Pick<LabelRelations, 'queryCount' | 'referenceCount'>

/**
 * Checks that a selection is one of the known forms, and fits n anchors and m references.
 *
 * @throws {OptionError} when it is none.
 * @throws {ShapeError} when its tensors have other extents, vectors that belong together differ in length, or a row number
 * is outside the batch.
 */
export function expectSelection(who: string, selection: Selection | SelectionIndices, extents: Extents): void {
  const isObject = typeof selection === 'object' && (selection as object | null) !== null
  const fields = (isObject ? selection : {}) as unknown as Fields
  const { queryCount: n, referenceCount: m } = extents
  const groups = 'anchor1' in fields ? pairVectors : 'anchor' in fields ? tripletVectors : undefined
  const rule = fields['kind'] === 'pairs' ? ruleOf(selection as PairSelection) : undefined
  if (rule) {
    expectReferences(who, rule as unknown as Fields, m)
    for (const tensor of rule.constants) expectShape(who, 'selection.rule.constants', tensor, [n, ...tensor.shape.slice(1)])
  } else if (fields['kind'] === 'pairs') {
    for (const name of ['positive', 'negative']) expectShape(who, `selection.${name}`, fields[name] as tf.Tensor, [n, m])
  } else if (fields['kind'] === 'triplets') {
    const weights = fields['weights'] as tf.Tensor
    expectShape(who, 'selection.weights', weights, [n, 'positives', m])
    expectShape(who, 'selection.positiveIndex', fields['positiveIndex'] as tf.Tensor, [n, weights.shape[1]!])
  } else if (fields['kind'] === 'pickedTriplets') {
    const weights = fields['weights'] as tf.Tensor
    expectShape(who, 'selection.weights', weights, [n, 'picked'])
    for (const name of ['positiveIndex', 'negativeIndex']) expectShape(who, `selection.${name}`, fields[name] as tf.Tensor, weights.shape)
    expectReferences(who, fields, m)
  } else if (fields['kind'] === 'tripletRule') {
    expectShape(who, 'selection.positiveIndex', fields['positiveIndex'] as tf.Tensor, [n, 'positives'])
    expectReferences(who, fields, m)
  } else if (groups) {
    inNameOf(who, () => {
      expectVectors(fields, groups, extents)
    })
  } else {
    throw new OptionError({
      who,
      wanted: '`selection` to be what a miner gives, `{ anchor, positive, negative }`, or `{ anchor1, positive, anchor2, negative }`',
      got: describeValue(selection),
      fix: 'Name the vectors of row numbers.',
    })
  }
}

function expectReferences(who: string, { referenceCount }: Fields, m: number): void {
  if (referenceCount === m) return
  const fix = 'Pass what a miner selected among these references.'
  throw new ShapeError({ who, wanted: `\`selection\` among ${m} references`, got: describeValue(referenceCount), fix })
}

/** Vectors that belong together, the anchors first. */
const pairVectors = [['anchor1', 'positive'], ['anchor2', 'negative']] as const
const tripletVectors = [['anchor', 'positive', 'negative']] as const

type Fields = Readonly<Record<string, unknown>>

function expectVectors(fields: Fields, groups: readonly (readonly string[])[], { queryCount, referenceCount }: Extents): void {
  for (const [anchor = '', ...others] of groups) {
    const count = (fields[anchor] as ArrayLike<number> | undefined)?.length ?? 0
    expectRowNumbers(anchor, fields[anchor], count, queryCount)
    for (const other of others) expectRowNumbers(other, fields[other], count, referenceCount)
  }
}

/** @throws {ShapeError} when these are not so many row numbers below `bound`. */
export function expectRowNumbers(name: string, rows: unknown, count: number, bound: number): void {
  const list = (rows ?? []) as ArrayLike<number>
  const bad = Array.prototype.find.call(list, (row: number) => !(Number.isInteger(row) && row >= 0 && row < bound)) as unknown
  if (list.length === count && bad === undefined && rows !== undefined) return
  throw new ShapeError({
    who: 'selectionFromIndices',
    wanted: `\`${name}\` to hold ${count} row numbers in [0, ${bound})`,
    got: rows === undefined ? 'none' : bad === undefined ? `${list.length} of them` : describeValue(bad),
    fix: 'Row numbers count within the batch; those of positives and negatives within the references.',
  })
}
