import * as tf from '@tensorflow/tfjs-core'
import type { Embeddings } from '@metric-learning/contracts'
import { turnOfEventLoop } from '@metric-learning/ops'
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

/** Rows on the device at a time. */
const BLOCK = 4096

/**
 * The first principal components of standardised embeddings: z = (x - mean) / std column by column, with the unbiased standard deviation;
 * then y = z · V with the eigenvectors of zᵀz / (n - 1) for its largest eigenvalues, largest first. Each
 * eigenvector has the sign with which its number of largest magnitude (the first of equals) is positive, so that equal data give equal components.
 * A column that is constant is 0.
 *
 * Sums are float64, products of a block of rows float32 on the device.
 */
export class PrincipalComponents {
  private constructor(
    private readonly mean: Float64Array,
    /** 1 / std; 0 for a constant column. */
    private readonly scale: Float64Array,
    /** Row-major float32 [dim, dims]. */
    private readonly vectors: Float32Array,
    /** How many there are. */
    readonly dims: number,
  ) {}

  /** @param dims how many; at most the embeddings' dim and rows */
  static async fit({ embeddings, dim }: Embeddings, dims: number): Promise<PrincipalComponents> {
    const rows = embeddings.length / dim
    const freedom = Math.max(1, rows - 1)
    const mean = columnMeans(embeddings, dim, (value) => value)
    const variance = columnMeans(embeddings, dim, (value, column) => (value - mean[column]!) ** 2).map((value) => (value * rows) / freedom)
    // What is left of a constant column by rounding is no spread.
    const scale = variance.map((value, column) => (Math.sqrt(value) > 1e-7 * Math.abs(mean[column]!) ? 1 / Math.sqrt(value) : 0))

    const correlation = new Float64Array(dim * dim)
    for (const block of standardised(embeddings, mean, scale)) {
      const products = tf.tidy(() => {
        const z = tf.tensor2d(block, [block.length / dim, dim])
        return tf.matMul(z, z, true)
      })
      const values = await products.data()
      products.dispose()
      values.forEach((value, i) => (correlation[i]! += value / freedom))
      await turnOfEventLoop()
    }
    return new PrincipalComponents(mean, scale, leadingEigenvectors(correlation, dim, dims), dims)
  }

  /** Components of each row: float32 [rows, dims], a block of rows at a time, in order. */
  async *project(embeddings: Float32Array): AsyncGenerator<Float32Array> {
    const dim = this.mean.length
    for (const block of standardised(embeddings, this.mean, this.scale)) {
      const components = tf.tidy(() => tf.matMul(tf.tensor2d(block, [block.length / dim, dim]), tf.tensor2d(this.vectors, [dim, this.dims])))
      const values = await components.data<'float32'>()
      components.dispose()
      yield values
      await turnOfEventLoop()
    }
  }
}

function columnMeans(values: Float32Array, dim: number, of: (value: number, column: number) => number): Float64Array {
  const sums = new Float64Array(dim)
  for (let i = 0, column = 0; i < values.length; i++, column = column + 1 === dim ? 0 : column + 1) sums[column]! += of(values[i]!, column)
  return sums.map((sum) => (sum * dim) / values.length)
}

/** Blocks of rows of (x - mean) · scale. */
function* standardised(values: Float32Array, mean: Float64Array, scale: Float64Array): Generator<Float32Array> {
  const dim = mean.length
  for (let start = 0; start < values.length; start += BLOCK * dim) {
    yield values.slice(start, start + BLOCK * dim).map((value, i) => (value - mean[i % dim]!) * scale[i % dim]!)
  }
}

/** Row-major [dim, count], a column for each of the largest eigenvalues, largest first. */
function leadingEigenvectors(symmetric: Float64Array, dim: number, count: number): Float32Array {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(dim, dim, symmetric), { assumeSymmetric: true })
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!).slice(0, count)
  const vectors = new Float32Array(dim * count)
  order.forEach((place, column) => {
    const vector = eigenvectorMatrix.getColumn(place)
    const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) * (1 + 1e-9) ? value : best), 0)
    vector.forEach((value, row) => (vectors[row * count + column] = Math.sign(largest) * value))
  })
  return vectors
}
