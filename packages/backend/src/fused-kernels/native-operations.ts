import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import type { TFEOpAttr } from '#tfjs-node/tfjs_binding.js'

/** TensorFlow's operations by name, for the inside of a kernel: what they leave in between is freed with the last. */
export class NativeOperations {
  readonly #between = new Set<tf.Tensor>()

  constructor(private readonly backend: NodeJSKernelBackend) {}

  /** Runs the kernel: all but what it returns is freed. */
  static run<T extends tf.Tensor | undefined>(backend: NodeJSKernelBackend, kernel: (ops: NativeOperations) => T): T {
    const ops = new NativeOperations(backend)
    let result: T | undefined
    try {
      result = kernel(ops)
      return result
    } finally {
      tf.dispose([...ops.#between].filter((tensor) => tensor !== result))
    }
  }

  /** A constant. */
  keep<T extends tf.Tensor>(tensor: T): T {
    this.#between.add(tensor)
    return tensor
  }

  /** Frees something large before the kernel is done. */
  free(tensor: tf.Tensor): void {
    this.#between.delete(tensor)
    tensor.dispose()
  }

  single(name: string, attributes: readonly TFEOpAttr[], ...inputs: readonly tf.TensorInfo[]): tf.Tensor {
    return this.keep(this.backend.executeSingleOutput(name, [...attributes], inputs as tf.Tensor[]))
  }

  multiple(name: string, attributes: readonly TFEOpAttr[], count: number, ...inputs: readonly tf.TensorInfo[]): tf.Tensor[] {
    const outputs = this.backend.executeMultipleOutputs(name, [...attributes], inputs as tf.Tensor[], count)
    outputs.forEach((output) => this.keep(output))
    return outputs
  }

  type = (name: string, value: number): TFEOpAttr => ({ name, type: this.backend.binding.TF_ATTR_TYPE, value })
  flag = (name: string, value: boolean): TFEOpAttr => ({ name, type: this.backend.binding.TF_ATTR_BOOL, value })
  count = (name: string, value: number): TFEOpAttr => ({ name, type: this.backend.binding.TF_ATTR_INT, value })
  text = (name: string, value: string): TFEOpAttr => ({ name, type: this.backend.binding.TF_ATTR_STRING, value })
}
