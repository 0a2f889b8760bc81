import type * as tf from '@tensorflow/tfjs-core'
import type { CallMode, Module, Parameters, Random } from '@metric-learning/contracts'
import { BatchNorm2d } from '../layers/batch-norm2d.js'
import { Conv2d } from '../layers/conv2d.js'

export interface ConvNormOptions {
  readonly inputChannels: number
  readonly outputChannels: number
  readonly kernelSize: number
  readonly stride: number
  readonly random: Random
}

/** A convolution and the batch norm behind it, which in torchvision's networks have names of their own. */
export class ConvNorm {
  readonly #conv: Conv2d
  readonly #norm: BatchNorm2d

  constructor(options: ConvNormOptions) {
    this.#conv = new Conv2d({ ...options, initialization: 'fan-out' })
    this.#norm = new BatchNorm2d({ channels: options.outputChannels })
  }

  /** What `pick` takes of each, by the names that they have where they are used. */
  named(conv: string, norm: string, pick: (part: Module) => Parameters): Record<string, Parameters> {
    return { [conv]: pick(this.#conv), [norm]: pick(this.#norm) }
  }

  call(x: tf.Tensor4D, mode: CallMode): tf.Tensor4D {
    return this.#norm.call(this.#conv.call(x), mode)
  }

  dispose(): void {
    this.#conv.dispose()
    this.#norm.dispose()
  }
}
