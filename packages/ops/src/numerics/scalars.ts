import * as tf from '@tensorflow/tfjs-core'
import { tensorOf, type Scheduled } from '../scheduled.js'

/** A number: plain, scheduled, or float32 [] on the device. */
export type Scalar = number | Scheduled | tf.Scalar

type Unary = (x: Scalar) => number | tf.Scalar
type Binary = (x: Scalar, y: Scalar) => number | tf.Scalar

/**
 * Arithmetic of numbers that may be scheduled. Plain ones give a plain number, worked out on the host in double precision;
 * with one that is scheduled, or on the device, it is worked out there, in float32, so that a compiled step sees it change.
 *
 * @example tf.sub(cosines, scalars.sub(1, this.m))
 */
export const scalars = {
  add: binary((x, y) => x + y, tf.add),
  sub: binary((x, y) => x - y, tf.sub),
  mul: binary((x, y) => x * y, tf.mul),
  div: binary((x, y) => x / y, tf.div),
  neg: unary((x) => -x, tf.neg),
  cos: unary(Math.cos, tf.cos),
  sin: unary(Math.sin, tf.sin),
  tan: unary(Math.tan, tf.tan),
  square: unary((x) => x ** 2, tf.square),
}

function unary(onHost: (x: number) => number, onDevice: (x: tf.Scalar) => tf.Scalar): Unary {
  return (x) => {
    const of = tensorOf(x)
    return typeof of === 'number' ? onHost(of) : onDevice(of)
  }
}

function binary(onHost: (x: number, y: number) => number, onDevice: (x: number | tf.Scalar, y: number | tf.Scalar) => tf.Scalar): Binary {
  return (x, y) => {
    const [a, b] = [tensorOf(x), tensorOf(y)]
    return typeof a === 'number' && typeof b === 'number' ? onHost(a, b) : onDevice(a, b)
  }
}
