import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from './fused-kernels.js'

/**
 * Has the device check that a tensor holds finite numbers; nothing is read back. Called eagerly it throws at once. In a
 * compiled step the step fails as a whole, with the same error, and changes nothing.
 *
 * Numbers whose sum overflows count as infinite. Backends that `useBackend` did not set up check nothing.
 *
 * @param who names the complaining part in the error
 * @throws {NonFiniteError} when there is a NaN or an infinity.
 * @example expectFinite('TripletMarginLoss', 'embeddings', embeddings)
 */
export function expectFinite(who: string, what: string, tensor: tf.Tensor): void {
  if (tensor.dtype !== 'float32' || !hasFusedKernel(FusedKernel.expectFinite)) return
  tf.engine().runKernel(FusedKernel.expectFinite, { x: tensor }, { who, what })
}
