import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/core'
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js'
import { float64 } from '../native/float64-outputs.js'
import type { FusedKernelConfig } from './fused-kernel-config.js'

/**
 * Squared distances below this share of the squared norm count as 0: rows that are closer are equal as far as
 * float32 tells, and float64 sums are off by less.
 */
const smallestShare = 1e-14

/** {@link FusedKernel.euclideanDistances} by a matrix product in float64: ‖x‖² + ‖y‖² - 2 x · y. */
export const euclideanDistancesConfig: FusedKernelConfig<object> = {
  kernelName: FusedKernel.euclideanDistances,
  kernelFunc: (backend, { x, y }) => {
    const ops = new Operations(backend)
    const [left, right] = [ops.toFloat64(x!), ops.toFloat64(y!)]
    const ofRows = ops.squaredNorms(left, [left.shape[0], 1])
    const ofColumns = ops.squaredNorms(right, [1, right.shape[0]])
    const products = ops.matMul(left, ops.run('Mul', float64, [right, ops.toFloat64(ops.scalar(-2))]))
    const squares = ops.run('AddV2', float64, [ops.run('AddV2', float64, [products, ofRows]), ofColumns])
    const bound = ops.run('Mul', float64, [ofRows, ops.toFloat64(ops.scalar(smallestShare))])
    const isEqual = ops.run('LessEqual', float64, [squares, bound])
    const none = ops.run('ZerosLike', float64, [squares])
    const distances = ops.run('Sqrt', float64, [ops.run('SelectV2', float64, [isEqual, none, squares])])
    return ops.toFloat32(distances)
  },
}

/** Operations in float64; what they leave in between is freed with the last. */
class Operations {
  readonly #between: tf.Tensor[] = []

  constructor(private readonly backend: NodeJSKernelBackend) {}

  scalar(value: number): tf.Tensor {
    return this.#keep(tf.scalar(value))
  }

  toFloat64(x: tf.TensorInfo): tf.Tensor {
    return this.#keep(this.#cast(x, this.backend.binding.TF_FLOAT, float64))
  }

  /** Ends the calculation. */
  toFloat32(x: tf.TensorInfo): tf.Tensor {
    const result = this.#cast(x, float64, this.backend.binding.TF_FLOAT)
    tf.dispose(this.#between)
    return result
  }

  run(name: string, type: number, inputs: tf.TensorInfo[]): tf.Tensor {
    return this.#keep(this.backend.executeSingleOutput(name, [this.#type('T', type)], inputs as tf.Tensor[]))
  }

  matMul(x: tf.TensorInfo, y: tf.TensorInfo): tf.Tensor {
    const { TF_ATTR_BOOL } = this.backend.binding
    const transposed = [
      { name: 'transpose_a', type: TF_ATTR_BOOL, value: false },
      { name: 'transpose_b', type: TF_ATTR_BOOL, value: true },
    ]
    return this.#keep(this.backend.executeSingleOutput('MatMul', [...transposed, this.#type('T', float64)], [x, y] as tf.Tensor[]))
  }

  squaredNorms(x: tf.TensorInfo, shape: number[]): tf.Tensor {
    const { TF_ATTR_BOOL, TF_INT32 } = this.backend.binding
    const attributes = [
      { name: 'keep_dims', type: TF_ATTR_BOOL, value: false },
      this.#type('T', float64),
      this.#type('Tidx', TF_INT32),
    ]
    const axis = this.#keep(tf.tensor1d([1], 'int32'))
    const sums = this.#keep(this.backend.executeSingleOutput('Sum', attributes, [this.run('Square', float64, [x]), axis]))
    const extents = this.#keep(tf.tensor1d(shape, 'int32'))
    const types = [this.#type('T', float64), this.#type('Tshape', TF_INT32)]
    return this.#keep(this.backend.executeSingleOutput('Reshape', types, [sums, extents]))
  }

  #cast(x: tf.TensorInfo, from: number, to: number): tf.Tensor {
    const { TF_ATTR_BOOL } = this.backend.binding
    const attributes = [this.#type('SrcT', from), this.#type('DstT', to), { name: 'Truncate', type: TF_ATTR_BOOL, value: false }]
    return this.backend.executeSingleOutput('Cast', attributes, [x as tf.Tensor])
  }

  #type = (name: string, value: number) => ({ name, type: this.backend.binding.TF_ATTR_TYPE, value })

  #keep(tensor: tf.Tensor): tf.Tensor {
    this.#between.push(tensor)
    return tensor
  }
}
