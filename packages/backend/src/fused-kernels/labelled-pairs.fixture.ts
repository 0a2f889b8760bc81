import * as tf from '@tensorflow/tfjs-core'
import type { Random } from '@metric-learning/contracts'

export type Rows = readonly Float32Array[]

/** Labelled rows that an operation over pairs compares. */
export interface LabelledPairs {
  readonly x: Rows
  /** Absent: x itself. */
  readonly y?: Rows
  readonly labels: readonly number[]
  readonly refLabels: readonly number[]
  readonly ownRows?: readonly number[]
  readonly isFilled?: readonly number[]
}

/** How pairs are measured. */
export interface Measured {
  readonly normalized: boolean
  readonly byProduct: boolean
}

/** Draws what makes rows of a kind. */
export type RowKind = (random: Random, dim: number) => (row: number) => Float32Array

export const normals = (random: Random, dim: number): Float32Array => Float32Array.from({ length: dim }, () => random.normal())

/** Kinds of rows that each operation is tried with. */
export const rowKinds: Readonly<Record<string, RowKind>> = {
  'rows at random': (random, dim) => () => normals(random, dim),
  'rows of which many are equal': (random, dim) => {
    const few = Array.from({ length: 4 }, () => normals(random, dim))
    return () => few[random.int(few.length)]!
  },
  'rows of zeros among others': (random, dim) => () => (random.int(3) === 0 ? new Float32Array(dim) : normals(random, dim)),
}

/** Rows around a place far from zero, spread by `width`. */
export const crowdOf = (width: number): RowKind => (random, dim) => {
  const centre = normals(random, dim).map((value) => value + 5)
  return () => normals(random, dim).map((value, k) => centre[k]! + width * value)
}

const matrix = (rows: Rows) => tf.tensor2d(Float32Array.from(rows.flatMap((row) => [...row])), [rows.length, rows[0]!.length])

/** The inputs of an operation over pairs. */
export function inputsOf({ x, y, labels, refLabels, ownRows, isFilled }: LabelledPairs): tf.NamedTensorMap {
  const anchors = matrix(x)
  return {
    x: anchors,
    y: y ? matrix(y) : anchors,
    labels: tf.tensor1d([...labels], 'int32'),
    refLabels: tf.tensor1d([...refLabels], 'int32'),
    ...(ownRows && { ownRows: tf.tensor1d([...ownRows], 'int32') }),
    ...(isFilled && { isFilled: tf.tensor1d([...isFilled]) }),
  }
}
