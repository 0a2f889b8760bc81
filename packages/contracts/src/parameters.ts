import type * as tf from '@tensorflow/tfjs-core'

/**
 * Variables by name, in a fixed order. Names are the ones that saved files use, such as
 * `blocks.0.conv.weight`; they are unique within their owner, and do not depend on tfjs's own
 * numbering of variables.
 */
export type Parameters = ReadonlyMap<string, tf.Variable>
