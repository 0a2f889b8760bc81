import * as tf from '@tensorflow/tfjs-core'
import { expectShape, Random, ShapeError } from '@metric-learning/contracts'

/** L'Ecuyer's combined generator for 16-bit computers: multipliers and moduli; products stay below 2^31. */
const multipliers = [157, 146, 142] as const
const moduli = [32363, 31727, 31657] as const

/** What one number of a generator is below. */
const range = moduli[0] - 1

/** What {@link drawIntegers} draws is below: 32362². */
export const drawnRange = range ** 2

/** Generators side by side, and where they stand to each other: int32 [3, 1024]. */
const lanes = 1024
const laneStates = ((random) => moduli.flatMap((modulus) => Array.from({ length: lanes }, () => stateBelow(modulus, random))))(Random.at(0, 'lanes'))

/** What draws follow from: equal ones give equal draws, and one that differs anywhere gives draws that have nothing to do with each other. */
export interface Draws {
  /** Where in a run: int32 [3], from {@link drawPosition} or {@link nextDrawPosition}. */
  readonly position: tf.Tensor1D
  /** What is drawn, most often the name of who draws. */
  readonly purpose: string
  /** Any integer. */
  readonly seed: number
}

/**
 * Draws integers on the device: int32 [count], uniform over [0, 32362²), the same on every backend. A pure function: a captured
 * step draws anew where its position is an input, or a variable that moves on.
 *
 * Each number is two of a combined generator x₁ - x₂ + x₃ of period 8 · 10¹², of neighbouring lanes. Position and seed say by how
 * much the lanes are shifted along it. L'Ecuyer: Efficient and Portable Combined Random Number Generators (CACM 1988), figure 4.
 */
export function drawIntegers(count: number, { position, purpose, seed }: Draws): tf.Tensor1D {
  return tf.tidy(() => {
    const perGenerator = (values: readonly number[], shape: [number, number, number]) => tf.tensor3d([...values], shape, 'int32')
    const modulus = perGenerator(moduli, [3, 1, 1])
    const times = (x: tf.Tensor, y: tf.Tensor) => tf.mod(tf.mul(x, y), modulus)
    const steps = Math.max(1, Math.ceil((2 * count) / lanes))
    const powers = perGenerator(multipliers.flatMap((a, i) => powersOf(a, moduli[i]!, steps)), [3, steps, 1])
    const start = times(tf.reshape(position, [3, 1, 1]), perGenerator(stateAt(Random.at(seed, purpose)), [3, 1, 1]))
    const states = times(powers, times(start, perGenerator(laneStates, [3, 1, lanes])))
    const [first, second, third] = tf.unstack(states) as [tf.Tensor, tf.Tensor, tf.Tensor]
    const combined = tf.mod(tf.add(tf.sub(first, second), third), tf.scalar(range, 'int32'))
    const [high, low] = tf.unstack(tf.reshape(combined, [-1, 2]), 1) as [tf.Tensor1D, tf.Tensor1D]
    return tf.slice(tf.add<tf.Tensor1D>(tf.mul(high, tf.scalar(range, 'int32')), low), 0, count)
  })
}

/**
 * Checks a position that a caller gave.
 *
 * @throws {ShapeError} when it is none: int32 [3].
 */
export function expectDrawPosition(who: string, position: tf.Tensor1D): void {
  expectShape(who, 'position', position, [moduli.length])
  const { dtype } = position as tf.Tensor
  if (dtype === 'int32') return
  throw new ShapeError({ who, wanted: '`position` of type int32', got: dtype, fix: "Pass `tf.tensor1d(drawPosition(seed, epoch, batch), 'int32')`, with `drawPosition` of ops." })
}

/** The position of a batch, for the input of a step: three numbers. */
export const drawPosition = (seed: number, epoch: number, batch: number): Int32Array => Int32Array.from(stateAt(Random.at(seed, 'draws', epoch, batch)))

/** The position of a part of a batch, from 0, so that each part draws otherwise: follows from that of the batch. */
export const partOfDrawPosition = (position: Int32Array, part: number): Int32Array => Int32Array.from(stateAt(Random.at(part, 'part', ...position)))

/** Where draws begin that no run counts, for a buffer of who draws: int32 [3]. */
export const firstDrawPosition = (): tf.Tensor1D => tf.ones([moduli.length], 'int32')

/** The position that a buffer holds, which moves on; in a step it counts among the variables that are assigned. */
export function nextDrawPosition(buffer: tf.Variable<tf.Rank.R1>): tf.Tensor1D {
  const position = tf.clone<tf.Tensor1D>(buffer)
  tf.tidy(() => {
    buffer.assign(tf.mod(tf.mul(position, tf.tensor1d(strides, 'int32')), tf.tensor1d([...moduli], 'int32')))
  })
  return position
}

/** From a position to the next: 10¹² + 39 steps of each generator, more than anybody draws at one. */
const strides = multipliers.map((a, i) => powersOf(a, moduli[i]!, (1e12 + 39) % (moduli[i]! - 1)).at(-1)!)

const stateAt = (random: Random): number[] => moduli.map((modulus) => stateBelow(modulus, random))

function stateBelow(modulus: number, random: Random): number {
  return 1 + random.int(modulus - 1)
}

/** a, a², …, a^count modulo m. */
function powersOf(a: number, m: number, count: number): number[] {
  const powers: number[] = []
  for (let i = 0, power = 1; i < count; i++) powers.push((power = (power * a) % m))
  return powers
}
