import { DataError, describeValue, ShapeError, type ReferenceMask } from '@metric-learning/contracts'

/** Where a mask comes from, for errors. */
export interface MaskSource {
  readonly who: string
  /** Name of the function that gave it. */
  readonly option: string
  /** Row of the query that it is for. */
  readonly query: number
}

/**
 * A mask over references as bytes; a Uint8Array is taken as it is.
 *
 * @throws {ShapeError} when it has not one value for each reference.
 * @throws {DataError} when a value is none of 0, 1, true and false.
 */
export function readMask(mask: ReferenceMask | undefined, references: number, { who, option, query }: MaskSource): Uint8Array | undefined {
  if (mask === undefined) return undefined
  const isList = Array.isArray(mask) || (ArrayBuffer.isView(mask) && !(mask instanceof DataView))
  if (!isList || mask.length !== references) {
    throw new ShapeError({
      who,
      wanted: `a mask over the ${references} references from \`${option}\``,
      got: `${isList ? `one of ${mask.length}` : describeValue(mask)} for query ${query}`,
      fix: 'Give a value for each, in their order: 1 or true for those that are left out; or `undefined` for none.',
    })
  }
  if (mask instanceof Uint8Array) return mask
  return Uint8Array.from(mask as ArrayLike<unknown>, (value, row) => {
    if (value === true || value === 1) return 1
    if (value === false || value === 0) return 0
    throw new DataError({ who, wanted: `a mask of 0 and 1, or of booleans, from \`${option}\``, got: `${describeValue(value)} at reference ${row} for query ${query}`, fix: 'Give 1 for references that are left out, 0 for others.' })
  })
}
