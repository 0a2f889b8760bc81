import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/ops'
import { DATA_TYPE } from '../native/data-types.js'
import type { FusedKernelConfig } from './fused-kernel-config.js'
import { NativeOperations } from './native-operations.js'

const { float32, float64, int32, bool } = DATA_TYPE

/** What {@link FusedKernel.euclideanDistances} may be told. */
interface Attributes {
  /** Row i of x is row i + diagonal of y; absent when they are rows of different sets. */
  readonly diagonal?: number
}

/**
 * Squared distances below this share of the squared norm count as 0 in float64: rows that are closer are equal as far
 * as float32 tells, and float64 sums are off by less.
 */
const equalShare = 1e-14

/**
 * Squared distances above this share of the squared norm of either row are right to 2e-4 in float32, whose sums are off by
 * up to 2.5e-6 of the squared norm; distances to 1e-4.
 */
const nearShare = 1.25e-2

/** {@link FusedKernel.euclideanDistances} by a matrix product in float64: ‖x‖² + ‖y‖² - 2 x · y. */
export const euclideanDistancesConfig: FusedKernelConfig<Attributes> = {
  kernelName: FusedKernel.euclideanDistances,
  kernelFunc: (backend, { x, y }) => NativeOperations.run(backend, (ops) => new Distances(ops).inFloat64(x!, y!)),
}

/**
 * The same in half the time on CPUs: by a product in float32, and in float64 for rows that have others so near that
 * float32 would not do. (A GPU multiplies float32 with 10 bits, which would do for none.)
 */
export const cpuEuclideanDistancesConfig: FusedKernelConfig<Attributes> = {
  kernelName: FusedKernel.euclideanDistances,
  kernelFunc: (backend, { x, y }, { diagonal }) =>
    NativeOperations.run(backend, (ops) => new Distances(ops).inFloat32WherePossible(x!, y!, diagonal)),
}

class Distances {
  constructor(private readonly ops: NativeOperations) {}

  inFloat64(x: tf.TensorInfo, y: tf.TensorInfo): tf.Tensor {
    const [left, right] = [this.#cast(x, float32, float64), this.#cast(y, float32, float64)]
    const { squares, ofRows } = this.#squares(left, right, float64)
    const isEqual = this.#binary('LessEqual', float64, squares, this.#scaled(ofRows, equalShare, float64))
    const none = this.#unary('ZerosLike', float64, squares)
    const distances = this.#unary('Sqrt', float64, this.ops.single('SelectV2', [this.ops.type('T', float64)], isEqual, none, squares))
    return this.#cast(distances, float64, float32)
  }

  inFloat32WherePossible(x: tf.TensorInfo, y: tf.TensorInfo, diagonal: number | undefined): tf.Tensor {
    const type = float32
    const rows = x.shape[0]!
    const isOneSet = x.dataId === y.dataId
    const onDiagonal = (matrix: tf.Tensor, values: tf.Tensor) => (diagonal === undefined ? matrix : this.#setDiagonal(matrix, values, diagonal))
    const { squares: raw, ofRows, ofColumns } = this.#squares(x, y, type)
    const squares = onDiagonal(raw, this.ops.keep(tf.fill([rows], Infinity)))
    const nearRows = this.#whereNear(squares, 1, ofRows)
    const nearColumns = isOneSet ? nearRows : this.#whereNear(squares, 0, ofColumns)
    const better = this.inFloat64(this.#rowsAt(x, nearRows), this.#rowsAt(y, nearColumns))
    const distances = this.#replaced(this.#unary('Sqrt', type, squares), nearRows, nearColumns, better)
    // A row is at 0 from itself, unless it holds a NaN.
    return onDiagonal(distances, this.#scaled(this.#reshaped(ofRows, [rows], type), 0, type))
  }

  /** ‖x‖² + ‖y‖² - 2 x · y; ‖x‖² as a column, ‖y‖² as a row. */
  #squares(x: tf.TensorInfo, y: tf.TensorInfo, type: number) {
    const ofRows = this.#squaredNorms(x, type, [-1, 1])
    const { ops } = this
    const ofColumns = x.dataId === y.dataId ? this.#reshaped(ofRows, [1, -1], type) : this.#squaredNorms(y, type, [1, -1])
    const attributes = [ops.type('T', type), ops.flag('adj_x', false), ops.flag('adj_y', true)]
    const products = ops.single('BatchMatMulV2', attributes, this.#scaled(x, -2, type), y)
    return { squares: this.#binary('AddV2', type, this.#binary('AddV2', type, products, ofRows), ofColumns), ofRows, ofColumns }
  }

  #squaredNorms(x: tf.TensorInfo, type: number, shape: [number, number]): tf.Tensor {
    const { ops } = this
    const axis = ops.keep(tf.tensor1d([1], 'int32'))
    const attributes = [ops.flag('keep_dims', false), ops.type('T', type), ops.type('Tidx', int32)]
    const square = this.#unary('Square', type, x)
    const sums = ops.single('Sum', attributes, square, axis)
    ops.free(square)
    return this.#reshaped(sums, shape, type)
  }

  #reshaped(x: tf.Tensor, shape: number[], type: number): tf.Tensor {
    const { ops } = this
    return ops.single('Reshape', [ops.type('T', type), ops.type('Tshape', int32)], x, ops.keep(tf.tensor1d(shape, 'int32')))
  }

  /** The rows (axis 1) or columns (axis 0) whose smallest square is a small share of their squared norm: int32, as many as there are. */
  #whereNear(squares: tf.Tensor, axis: 0 | 1, squaredNorms: tf.Tensor): tf.Tensor {
    const { ops } = this
    const attributes = [ops.flag('keep_dims', true), ops.type('T', float32), ops.type('Tidx', int32)]
    const smallest = ops.single('Min', attributes, squares, ops.keep(tf.tensor1d([axis], 'int32')))
    const isNear = this.#binary('LessEqual', float32, smallest, this.#scaled(squaredNorms, nearShare, float32))
    const flags = this.#reshaped(ops.single('Cast', this.#casts(bool, int32), isNear), [-1], int32)
    const all = ops.keep(tf.range(0, flags.shape[0]!, 1, 'int32'))
    const [, near] = ops.multiple('DynamicPartition', [ops.count('num_partitions', 2), ops.type('T', int32)], 2, all, flags)
    return near!
  }

  /** The matrix, with other values written where these rows and columns meet. */
  #replaced(matrix: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor, values: tf.Tensor): tf.Tensor {
    const transposed = this.#transposed(this.#rowsAt(matrix, rows))
    const inRows = this.#transposed(this.#withRows(transposed, columns, this.#transposed(values)))
    return this.#withRows(matrix, rows, inRows)
  }

  #rowsAt(x: tf.TensorInfo, rows: tf.Tensor): tf.Tensor {
    const { ops } = this
    const types = [ops.type('Tparams', float32), ops.type('Tindices', int32), ops.type('Taxis', int32)]
    return ops.single('GatherV2', [ops.count('batch_dims', 0), ...types], x, rows, ops.keep(tf.scalar(0, 'int32')))
  }

  /** Writes into the matrix itself, which nothing else may need: where no row is near it is not even copied. */
  #withRows(matrix: tf.Tensor, rows: tf.Tensor, values: tf.Tensor): tf.Tensor {
    return this.ops.single('InplaceUpdate', [this.ops.type('T', float32)], matrix, rows, values)
  }

  #transposed(x: tf.Tensor): tf.Tensor {
    const { ops } = this
    const types = [ops.type('T', float32), ops.type('Tperm', int32)]
    return ops.single('Transpose', types, x, ops.keep(tf.tensor1d([1, 0], 'int32')))
  }

  #setDiagonal(matrix: tf.Tensor, values: tf.Tensor, offset: number): tf.Tensor {
    const { ops } = this
    const attributes = [ops.type('T', float32), ops.text('align', 'RIGHT_LEFT')]
    return ops.single('MatrixSetDiagV3', attributes, matrix, values, ops.keep(tf.scalar(offset, 'int32')))
  }

  #scaled(x: tf.TensorInfo, factor: number, type: number): tf.Tensor {
    const scalar = this.ops.keep(tf.scalar(factor))
    return this.#binary('Mul', type, x, type === float64 ? this.#cast(scalar, float32, float64) : scalar)
  }

  #unary(name: string, type: number, x: tf.TensorInfo): tf.Tensor {
    return this.ops.single(name, [this.ops.type('T', type)], x)
  }

  #binary(name: string, type: number, x: tf.TensorInfo, y: tf.TensorInfo): tf.Tensor {
    return this.ops.single(name, [this.ops.type('T', type)], x, y)
  }

  #cast(x: tf.TensorInfo, from: number, to: number): tf.Tensor {
    return this.ops.single('Cast', this.#casts(from, to), x)
  }

  #casts(from: number, to: number) {
    return [this.ops.type('SrcT', from), this.ops.type('DstT', to), this.ops.flag('Truncate', false)]
  }
}
