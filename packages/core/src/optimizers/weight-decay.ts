import * as tf from '@tensorflow/tfjs-core'
import type { JoinedUpdate } from './joined-optimizer.js'

/** g + λθ, the gradient of the loss plus ½λ‖θ‖²; g itself for λ = 0. */
export function decayedGradient({ gradient, parameters }: JoinedUpdate, weightDecay: number): tf.Tensor1D {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameters, weightDecay))
}
