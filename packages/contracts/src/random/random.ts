import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import { expectNumber } from '../errors/expectations.js'

/** What {@link Random.state} gives and {@link Random.restore} takes: plain numbers, fit for JSON. */
export type RandomState = readonly number[]

/**
 * The one seeded source of randomness of a run (xoroshiro128+, through pure-rand).
 *
 * Initialisers, samplers and augmentation all draw from it, so that one seed fixes a run and one
 * state resumes it. Nothing here touches the device.
 */
export class Random {
  #generator

  /** @param seed any integer; equal seeds give equal draws. */
  constructor(readonly seed: number) {
    expectNumber('Random', 'seed', seed, { integer: true })
    this.#generator = xoroshiro128plus(seed | 0)
  }

  /** A number in [0, 1). */
  uniform(): number {
    return uniformFloat64(this.#generator)
  }

  /** An integer in [0, bound). */
  int(bound: number): number {
    return uniformInt(this.#generator, 0, bound - 1)
  }

  /** A number from N(0, 1), by the Box–Muller transform. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T extends number[] | Int32Array | unknown[]>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const held = values[i]
      values[i] = values[j] as number
      values[j] = held as number
    }
    return values
  }

  /** A child source with draws of its own: what it draws does not move this one any further. */
  fork(): Random {
    return new Random(uniformInt(this.#generator, -0x80000000, 0x7fffffff))
  }

  state(): RandomState {
    return [...this.#generator.getState()]
  }

  restore(state: RandomState): void {
    this.#generator = xoroshiro128plusFromState([...state])
  }
}
