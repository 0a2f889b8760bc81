import * as tf from '@tensorflow/tfjs-core'

/**
 * The wasm backend's own OneHot writes integers whatever type is asked for, so that a float32 result is garbage.
 * This asks it for integers and converts them; on and off values keep their fractions.
 */
export function oneHotConfig(original: tf.KernelConfig): tf.KernelConfig {
  return {
    ...original,
    kernelFunc: (call) => {
      const { dtype, onValue, offValue } = call.attrs as { dtype: tf.DataType; onValue: number; offValue: number }
      if (dtype !== 'float32') return original.kernelFunc(call)
      const attrs = { ...call.attrs, dtype: 'int32', onValue: 1, offValue: 0 }
      const hot = original.kernelFunc({ ...call, attrs }) as tf.TensorInfo
      const tensor = tf.engine().makeTensorFromTensorInfo(hot)
      const scaled = tf.tidy(() => tf.add(tf.mul(tf.cast(tensor, 'float32'), onValue - offValue), offValue))
      tensor.dispose()
      return scaled
    },
  }
}
