import * as tf from '@tensorflow/tfjs-core'
import { NonFiniteError } from '@metric-learning/contracts'
import { FusedKernel } from '@metric-learning/ops'
import { DATA_TYPE } from '../native/data-types.js'
import type { FusedKernelConfig } from './fused-kernel-config.js'
import { NativeOperations } from './native-operations.js'

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
  kernelFunc: (backend, { x }, names) => {
    NativeOperations.run(backend, (ops) => {
      const type = ops.type('T', DATA_TYPE.float32)
      const axes = ops.keep(tf.range(0, x!.shape.length, 1, 'int32'))
      const sum = ops.single('Sum', [ops.flag('keep_dims', false), type, ops.type('Tidx', DATA_TYPE.int32)], x!, axes)
      try {
        ops.single('CheckNumerics', [type, ops.text('message', messageOf(names))], sum)
      } catch (error) {
        throw asNonFiniteError(error)
      }
      return undefined
    })
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
