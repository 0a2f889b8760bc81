import * as tf from '@tensorflow/tfjs-core'
import { BackendError } from '@metric-learning/contracts'

interface Attributes {
  readonly strides: [number, number] | number
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding
  readonly dataFormat: 'NHWC' | 'NCHW'
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
  readonly filterShape: [number, number, number, number]
}

/**
 * The gradient of a convolution with respect to its filter, which the wasm backend lacks, as one convolution:
 *
 *     dF[i, j, c, f] = Σ_n,y,x  X[n, y·s + i, x·s + j, c] · dY[n, y, x, f]
 *
 * Images and channels swap roles: channels of X are the batch, dY is the filter, and the stride becomes the dilation.
 */
export const conv2DBackpropFilterConfig: tf.KernelConfig = {
  kernelName: 'Conv2DBackpropFilter',
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D }
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as object as Attributes
    if (dataFormat !== 'NHWC') {
      throw new BackendError({
        who: 'wasm backend',
        wanted: "convolutions of data format 'NHWC'",
        got: `'${dataFormat}'`,
        fix: 'Transpose to channels last.',
      })
    }
    const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
      x.shape,
      filterShape,
      strides,
      1,
      pad,
      dimRoundingMode,
    )
    const [height, width, channels, filters] = filterShape
    return tf.tidy(() => {
      const padded = tf.pad4d(x, [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]])
      const images = tf.transpose<tf.Tensor4D>(padded, [3, 1, 2, 0])
      const filter = tf.transpose<tf.Tensor4D>(dy, [1, 2, 0, 3])
      const sums = tf.conv2d(images, filter, 1, 'valid', 'NHWC', [strideHeight, strideWidth])
      // Rows that no stride reaches give more taps than the filter has.
      const taps = tf.slice(sums, [0, 0, 0, 0], [channels, height, width, filters])
      return tf.transpose(taps, [1, 2, 0, 3])
    })
  },
}
