import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'

/** Generators side by side. */
const lanes = 1024

/** L'Ecuyer's combined generator for 16-bit computers: multipliers and moduli; products stay below 2^31. */
const multipliers = [157, 146, 142] as const
const moduli = [32363, 31727, 31657] as const

/** What one number of a generator is below. */
const range = moduli[0] - 1

/** What {@link drawIntegers} keeps between draws, for a variable: int32 [3, 1024]. */
export function drawState(seed: number): tf.Tensor2D {
  const random = new Random(seed)
  const states = moduli.flatMap((modulus) => Array.from({ length: lanes }, () => 1 + random.int(modulus - 1)))
  return tf.tensor2d(states, [moduli.length, lanes], 'int32')
}

/**
 * Draws integers on the device: int32 [count], uniform over [0, 32362²). The state moves on, so that each call draws others,
 * in a captured step as well; the same state gives the same draws on every backend.
 *
 * Each number is two of a combined generator x₁ - x₂ + x₃ of period 8 · 10¹², of neighbouring lanes whose seeds are
 * independent. L'Ecuyer: Efficient and Portable Combined Random Number Generators (CACM 1988), figure 4.
 *
 * @param state holds a {@link drawState}; in a step it counts among the variables that are assigned
 */
export function drawIntegers(state: tf.Variable<tf.Rank.R2>, count: number): tf.Tensor1D {
  return tf.tidy(() => {
    const steps = Math.max(1, Math.ceil((2 * count) / lanes))
    const powers = tf.tensor3d(multipliers.flatMap((a, i) => powersOf(a, moduli[i]!, steps)), [moduli.length, steps, 1], 'int32')
    const states = tf.mod(tf.mul(powers, tf.expandDims(state, 1)), tf.tensor3d([...moduli], [moduli.length, 1, 1], 'int32'))
    state.assign(tf.squeeze(tf.slice(states, [0, steps - 1, 0], [-1, 1, -1]), [1]))
    const [first, second, third] = tf.unstack(states) as [tf.Tensor, tf.Tensor, tf.Tensor]
    const combined = tf.mod(tf.add(tf.sub(first, second), third), tf.scalar(range, 'int32'))
    const [high, low] = tf.unstack(tf.reshape(combined, [-1, 2]), 1) as [tf.Tensor1D, tf.Tensor1D]
    return tf.slice(tf.add<tf.Tensor1D>(tf.mul(high, tf.scalar(range, 'int32')), low), 0, count)
  })
}

/** a, a², …, a^count modulo m. */
function powersOf(a: number, m: number, count: number): number[] {
  const powers: number[] = []
  for (let i = 0, power = 1; i < count; i++) powers.push((power = (power * a) % m))
  return powers
}
