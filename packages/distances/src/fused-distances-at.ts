import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, withGradients } from '@metric-learning/ops'

/**
 * Distances of each query from some references by a fused kernel, which copies no rows: float32 [n, t].
 *
 * @param references the very tensor `query` where they are one set
 */
export function fusedDistancesAt(query: tf.Tensor2D, references: tf.Tensor2D, index: tf.Tensor2D, normalized: boolean): tf.Tensor2D {
  const isOneSet = references === query
  return withGradients<tf.Tensor2D>(isOneSet ? [query] : [query, references], (save) => {
    save([query, references, index])
    return {
      value: tf.engine().runKernel<tf.Tensor2D>(FusedKernel.euclideanDistancesAt, { x: query, y: references, index }, { normalized }),
      gradients: (dy, [x, y, at]) => {
        const back = (of: 'x' | 'y' | 'both') => () =>
          tf.engine().runKernel<tf.Tensor>(FusedKernel.euclideanDistancesAtGrad, { dy, x: x!, y: y!, index: at! }, { normalized, of })
        return isOneSet ? [back('both')] : [back('x'), back('y')]
      },
    }
  })
}
