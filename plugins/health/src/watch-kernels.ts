import * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from '@metric-learning/contracts'
import { FusedKernel } from '@metric-learning/ops'

/** An operation that gave what is not finite from numbers that are. */
export interface BrokenOperation {
  /** As tfjs calls it: `Exp`, `Conv2D`. */
  readonly kernel: string
  /** The parameter that it computed with, or the last one that was computed with before it; absent where there was none. */
  readonly parameter: string | undefined
  /** Where what it gave is broken along its first axis; absent where that has another length than a batch. */
  readonly rows: readonly number[] | undefined
}

/** What some work computed. */
export interface WatchedWork<T> {
  readonly result: T
  /** In the order in which they ran; none where all was finite. Constants, such as the infinities of a mask, are none of them. */
  readonly broken: readonly BrokenOperation[]
}

/** Operations of constants. */
const CONSTANTS: readonly string[] = ['Fill', 'OnesLike', 'ZerosLike']

/**
 * Does some work and looks at every operation of tfjs in it. Checks for finite numbers, which would end it, let it pass.
 *
 * Every result is looked at on the device and read back: for work that has failed, and takes long.
 *
 * @param batchSize by which rows are known
 */
export function watchKernels<T>(parameters: Parameters, batchSize: number, work: () => T): WatchedWork<T> {
  const engine = tf.engine()
  const names = new Map<object, string>([...parameters].map(([name, { dataId }]) => [dataId, name]))
  let parameter: string | undefined
  const broken: BrokenOperation[] = []
  let isLooking = false
  // Somebody else may watch already.
  const own = Object.getOwnPropertyDescriptor(engine, 'runKernel')
  const run = engine.runKernel.bind(engine)
  const look = (kernel: string, inputs: readonly tf.Tensor[], outputs: readonly tf.Tensor[]): void => {
    isLooking = true
    try {
      const output = outputs.find((tensor) => !isFinite(tensor))
      if (!output || !inputs.every(isFinite)) return
      broken.push({ kernel, parameter, rows: output.shape[0] === batchSize ? brokenRows(output) : undefined })
    } finally {
      isLooking = false
    }
  }
  engine.runKernel = ((kernel, inputs, attributes) => {
    if (isLooking) return run(kernel, inputs, attributes)
    if (kernel === FusedKernel.expectFinite) return []
    const given = Object.values(inputs as Readonly<Record<string, tf.Tensor | undefined>>).filter((input) => input !== undefined)
    parameter = given.map(({ dataId }) => names.get(dataId)).find((name) => name !== undefined) ?? parameter
    const result = run(kernel, inputs, attributes) as tf.Tensor | tf.Tensor[]
    if (!CONSTANTS.includes(kernel)) look(kernel, given, Array.isArray(result) ? result : [result])
    return result
  }) as typeof engine.runKernel
  try {
    const result = work()
    return { result, broken }
  } finally {
    if (own) Object.defineProperty(engine, 'runKernel', own)
    else delete (engine as Partial<typeof engine>).runKernel
  }
}

/** Whether all numbers of a tensor are finite. Any number times 0 is 0, and what is none is NaN. */
export function isFinite(tensor: tf.Tensor): boolean {
  if (tensor.dtype !== 'float32' || tensor.size === 0) return true
  return tf.tidy(() => Number.isFinite(tf.sum(tf.mul(tensor, 0)).dataSync()[0]))
}

/** Positions along the first axis at which not all numbers are finite. */
export function brokenRows(tensor: tf.Tensor): readonly number[] {
  const rows = tensor.shape[0] ?? 1
  if (tensor.dtype !== 'float32' || rows === 0) return []
  const sums = tf.tidy(() => tf.sum(tf.mul(tf.reshape(tensor, [rows, -1]), 0), 1).dataSync())
  return Array.from(sums.keys()).filter((row) => !Number.isFinite(sums[row]))
}
