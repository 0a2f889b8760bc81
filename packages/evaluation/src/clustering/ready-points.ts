import * as tf from '@tensorflow/tfjs-core'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import type { RowTile } from '../embeddings/row-tiles.js'

/** Points as k-means compares them: less their mean, in a scale in which the longest has norm 1, so that no square cancels or overflows. */
export interface ReadyPoints {
  /** float32 [n, dim + 1]: each point, and a 1. */
  readonly host: HostMatrix
  /** The same on the device. */
  readonly device: tf.Tensor2D
  /** ‖x‖²: [n]. */
  readonly norms: Float64Array
}

/** Gets points ready; `device` is the caller's to dispose of. */
export function readyPoints({ values, rows, dim }: HostMatrix): ReadyPoints {
  const mean = new Float64Array(dim)
  for (let row = 0, at = 0; row < rows; row++) for (let i = 0; i < dim; i++) mean[i]! += values[at++]!
  for (let i = 0; i < dim; i++) mean[i]! /= rows
  let longest = 0
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0
    for (let i = 0; i < dim; i++) sum += (values[at++]! - mean[i]!) ** 2
    longest = Math.max(longest, sum)
  }
  const scale = longest > 0 ? 1 / Math.sqrt(longest) : 1
  const width = dim + 1
  const ready = new Float32Array(rows * width)
  const norms = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let i = 0; i < dim; i++) {
      const value = Math.fround((values[row * dim + i]! - mean[i]!) * scale)
      ready[row * width + i] = value
      sum += value * value
    }
    ready[row * width + dim] = 1
    norms[row] = sum
  }
  return { host: { values: ready, rows, dim: width }, device: tf.tensor2d(ready, [rows, width]), norms }
}

/** Some of the points, in a copy. */
export function pointsAt({ host: { values, dim: width }, norms }: ReadyPoints, rows: Int32Array): ReadyPoints {
  const host = matrixAt(values, width, rows)
  return { host, device: tf.tensor2d(host.values, [host.rows, width]), norms: Float64Array.from(rows, (row) => norms[row]!) }
}

/** Some rows of a matrix, in a copy. */
export function matrixAt(values: Float32Array, dim: number, rows: Int32Array): HostMatrix {
  const picked = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    picked.set(values.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return { values: picked, rows: rows.length, dim }
}

/**
 * [2c, -‖c‖²] of centroids [c, 1], whose product with a point [x, 1] is largest where ‖x - c‖² is least: float32 [dim + 1, k], a column each,
 * as products are fastest.
 */
export function directionsOf({ values, rows, dim: width }: HostMatrix): tf.Tensor2D {
  const directions = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    let to = row
    for (let i = row * width; i < (row + 1) * width - 1; i++, to += rows) {
      directions[to] = 2 * values[i]!
      sum += values[i]! * values[i]!
    }
    directions[to] = -sum
  }
  return tf.tensor2d(directions, [width, rows])
}

/** A tile of points and their products with directions, which is the caller's to dispose of. */
export function productsOf({ device }: Pick<ReadyPoints, 'device'>, { firstRow, rowCount }: RowTile, directions: tf.Tensor2D): tf.Tensor2D {
  const [rows, width] = device.shape
  if (rowCount === rows) return tf.matMul(device, directions)
  return tf.tidy(() => tf.matMul(tf.slice(device, [firstRow, 0], [rowCount, width]), directions))
}
