import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, NonFiniteError } from '@metric-learning/core'
import type { FusedKernelConfig } from './fused-kernel-config.js'

interface Attributes {
  readonly who: string
  readonly what: string
}

/**
 * {@link FusedKernel.expectFinite} by TensorFlow's CheckNumerics of the sum, which is finite only where all are: the
 * sum runs on all cores, CheckNumerics of the whole tensor on one.
 */
export const expectFiniteConfig: FusedKernelConfig<Attributes> = {
  kernelName: FusedKernel.expectFinite,
  kernelFunc: (backend, { x }, { who, what }) => {
    const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_ATTR_STRING, TF_FLOAT, TF_INT32 } = backend.binding
    const type = { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }
    const sumAttributes = [
      { name: 'keep_dims', type: TF_ATTR_BOOL, value: false },
      type,
      { name: 'Tidx', type: TF_ATTR_TYPE, value: TF_INT32 },
    ]
    const axes = tf.range(0, x!.shape.length, 1, 'int32')
    const sum = backend.executeSingleOutput('Sum', sumAttributes, [x!, axes])
    try {
      const message = { name: 'message', type: TF_ATTR_STRING, value: messageOf({ who, what }) }
      backend.executeSingleOutput('CheckNumerics', [type, message], [sum]).dispose()
    } catch (error) {
      throw asNonFiniteError(error)
    } finally {
      tf.dispose([axes, sum])
    }
    return []
  },
}

/** What CheckNumerics puts at the beginning of its error, in a form that {@link asNonFiniteError} finds again. */
const messageOf = ({ who, what }: Attributes): string => `not finite: ${JSON.stringify([who, what])}`

/** The typed error for a failed check, whether an operation or a whole graph reports it; other errors as they are. */
export function asNonFiniteError(error: unknown): unknown {
  const names = error instanceof Error ? /not finite: (\["(?:[^"\\]|\\.)*","(?:[^"\\]|\\.)*"\]) : /.exec(error.message) : null
  return names ? new NonFiniteError(...(JSON.parse(names[1]!) as [string, string])) : error
}
