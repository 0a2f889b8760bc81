import type * as tf from '@tensorflow/tfjs-core'

/** Whether a value is a tensor, also one of another copy of tfjs, and one that was disposed. */
export const isTensor = (value: unknown): value is tf.Tensor => typeof value === 'object' && value !== null && 'dataId' in value
