import type * as tf from '@tensorflow/tfjs-core'

/**
 * Variables by name, in a fixed order. Names are the ones that saved files use, such as
 * `blocks.0.conv.weight`; they are unique within their owner, and do not depend on tfjs's own
 * numbering of variables.
 */
export type Parameters = ReadonlyMap<string, tf.Variable>

/** How a module is called. */
export interface CallMode {
  /** True in a training step: batch norm uses the batch's statistics and updates its running ones. */
  readonly training: boolean
}

/** A trunk, an embedder, any part of a network: variables and a pure function of tensors. */
export interface Module {
  readonly name: string
  /** What training changes by gradients. */
  readonly parameters: Parameters
  /** What training changes otherwise, such as running means. Saved with the parameters. */
  readonly buffers: Parameters
  /** Channels of the input, its last axis; of a module that flattens what comes all numbers of a sample. Absent where it takes any number. */
  readonly inputSize?: number
  /** Channels of the output. */
  readonly outputSize: number
  /** The output for a batch. Called inside `tf.tidy`; must not read a value back from the device. */
  call(inputs: tf.Tensor, mode: CallMode): tf.Tensor
  /** Frees the variables. */
  dispose(): void
}
