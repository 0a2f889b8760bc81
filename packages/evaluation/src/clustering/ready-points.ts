import { availableParallelism } from 'node:os'
import * as tf from '@tensorflow/tfjs-core'
import { nativeNeighbours } from '@metric-learning/ops'
import { matrixAt } from '../embeddings/matrix-at.js'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'

/** Points as k-means compares them: less their mean, in a scale in which the longest has norm 1, so that no square cancels or overflows. */
export class ReadyPoints {
  #device: tf.Tensor2D | undefined

  constructor(
    /** float32 [n, dim + 1]: each point, and a 1. */
    readonly host: HostMatrix,
    /** ‖x‖²: [n]. */
    readonly norms: Float64Array,
    /** Whether centroids that float32 cannot tell apart are compared in float64. */
    readonly isSharp = false,
  ) {}

  /** The same on the device, from the first use on. */
  get device(): tf.Tensor2D {
    return (this.#device ??= tf.tensor2d(this.host.values, [this.host.rows, this.host.dim]))
  }

  /** The same points, compared sharply; disposed of by themselves. */
  sharpened(): ReadyPoints {
    return new ReadyPoints(this.host, this.norms, true)
  }

  dispose(): void {
    this.#device?.dispose()
    this.#device = undefined
  }
}

/** Gets points ready, which are the caller's to dispose of. */
export async function readyPoints({ values, rows, dim }: HostMatrix): Promise<ReadyPoints> {
  const native = nativeNeighbours()
  if (native?.onSameCores) {
    const { points, norms } = await native.neighbours.readyRows({ values, dim, threads: availableParallelism() })
    return new ReadyPoints({ values: points, rows, dim: dim + 1 }, norms)
  }
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
  return new ReadyPoints({ values: ready, rows, dim: width }, norms)
}

/** Some of the points, in a copy. */
export function pointsAt({ host: { values, dim: width }, norms, isSharp }: ReadyPoints, rows: Int32Array): ReadyPoints {
  return new ReadyPoints(matrixAt({ values, dim: width }, rows), Float64Array.from(rows, (row) => norms[row]!), isSharp)
}

/** [2c, -‖c‖²] of centroids [c, 1], whose product with a point [x, 1] is largest where ‖x - c‖² is least: float32 [k, dim + 1]. */
export function directionsOf({ values, rows, dim: width }: HostMatrix): Float32Array {
  const directions = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    const last = (row + 1) * width - 1
    for (let i = row * width; i < last; i++) {
      directions[i] = 2 * values[i]!
      sum += values[i]! * values[i]!
    }
    directions[last] = -sum
  }
  return directions
}
