import type * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectNumber, type CallMode, type Module, type Parameters } from '@metric-learning/contracts'
import { type InitializationOptions, randomOf } from './initialization/random-of.js'
import { Linear } from './layers/linear.js'

export interface EmbedderOptions extends InitializationOptions {
  /** The trunk's `outputSize`. */
  readonly inputSize: number
  /** Dimensions of an embedding. */
  readonly embeddingSize: number
}

/**
 * One fully connected layer from a trunk's features to embeddings, which are not normalised here: distances and
 * losses do that.
 *
 * - inputs: float32 [n, inputSize]
 * - output: float32 [n, embeddingSize]
 * - parameters: `weight` and `bias`, as in {@link Linear}
 *
 * @throws {OptionError} when an option is unknown, or a size is not a positive integer.
 * @throws {ShapeError} when the inputs are not [n, inputSize].
 */
export class Embedder implements Module {
  readonly name = 'Embedder'
  readonly parameters: Parameters
  readonly buffers: Parameters = new Map()
  readonly inputSize: number
  readonly outputSize: number
  readonly #linear: Linear

  constructor(options: EmbedderOptions) {
    expectKnownOptions(this.name, options, ['inputSize', 'embeddingSize', 'random', 'seed'])
    const { inputSize, embeddingSize } = options
    expectNumber(this.name, 'inputSize', inputSize, { min: 1, integer: true, hint: "Pass the trunk's `outputSize`." })
    expectNumber(this.name, 'embeddingSize', embeddingSize, { min: 1, integer: true, hint: 'Usual sizes are 64 to 512.' })
    this.#linear = new Linear({ inputSize, outputSize: embeddingSize, random: randomOf(this.name, options) })
    this.inputSize = inputSize
    this.outputSize = embeddingSize
    this.parameters = this.#linear.parameters
  }

  call(inputs: tf.Tensor, _mode?: CallMode): tf.Tensor2D {
    return this.#linear.call(inputs)
  }

  dispose(): void {
    this.#linear.dispose()
  }
}
