import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { expectNumbers, expectThat, type Tolerance } from './expectations.js'

/** How a gradient is compared with differences. */
export interface DifferenceOptions {
  /** Half the distance of two values whose difference is taken for the gradient. Default 2e-3. */
  readonly step?: number
  /** How far the gradient may be from that difference. Default 2e-3 + 0.03 · |difference|. */
  readonly gradientTolerance?: Tolerance
}

/** What {@link DifferenceOptions} are by default. */
export const usualDifferences: Required<DifferenceOptions> = { step: 2e-3, gradientTolerance: { atol: 2e-3, rtol: 0.03 } }

/** The gradient of a function by central differences, element by element: float32 rounding leaves about three digits. */
export function differences(f: (x: tf.Tensor) => tf.Scalar, at: tf.Tensor, step: number): Float32Array {
  const values = at.dataSync()
  const moved = (i: number, by: number): number =>
    tf.tidy(() => f(tf.tensor(Float32Array.from(values, (value, j) => (i === j ? value + by : value)), at.shape)).dataSync()[0]!)
  return Float32Array.from(values, (_, i) => (moved(i, step) - moved(i, -step)) / (2 * step))
}

/**
 * The gradient of a function by its backward pass.
 *
 * @throws {ConformanceError} when none flows from the value to `at`.
 */
export function gradientOf<T extends tf.Tensor>(what: string, f: (x: tf.Tensor) => tf.Tensor, at: T): T {
  return tf.tidy(() => {
    const [gradient] = tf.engine().gradients(() => f(at), [at], undefined, true).grads as (tf.Tensor | undefined)[]
    expectThat(gradient !== undefined, { what, wanted: 'one', got: 'none: no operation with a gradient leads from there to the value' })
    return gradient as T
  })
}

/** Expects the gradient of a function that {@link differences} give. */
export function expectGradient(
  what: string,
  gradient: tf.Tensor,
  f: (x: tf.Tensor) => tf.Scalar,
  at: tf.Tensor,
  { step = usualDifferences.step, gradientTolerance: tolerance = usualDifferences.gradientTolerance }: DifferenceOptions = {},
): void {
  const wanted = differences(f, at, step)
  expectNumbers({ what, actual: gradient.dataSync(), wanted, as: asDifferences(step), shape: at.shape, tolerance })
}

/** Where differences are from, in words. */
const asDifferences = (step: number): string => `central differences of ±${step} give it`

/** A random direction of length 1, the same in every run. */
export function direction(shape: number[], seed = 3): tf.Tensor {
  const random = new Random(seed)
  const values = Float32Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, () => random.normal())
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
  return tf.tensor(values.map((value) => value / length), shape)
}
