import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import { expectNumber } from './errors/expectations.js'

/**
 * Seeded randomness on the host (xoroshiro128+, through pure-rand).
 *
 * What a run draws is counted, not streamed: whoever draws in a run asks for a source of its own, {@link Random.at}, which
 * follows from the run's seed, a purpose and a position. So nobody has to know what was drawn before.
 */
export class Random {
  #generator

  /** @param seed any integer; equal seeds give equal draws. */
  constructor(readonly seed: number) {
    expectNumber('Random', 'seed', seed, { integer: true })
    this.#generator = xoroshiro128plus(seed | 0)
  }

  /**
   * A source that follows from these arguments alone: equal ones give equal draws, and one that differs anywhere gives
   * draws that have nothing to do with each other.
   *
   * @param seed any integer
   * @param purpose what is drawn, most often the name of who draws
   * @param position where in the run: integers, such as an epoch and a batch
   * @throws {OptionError} when the seed or a position is no integer.
   * @example const random = Random.at(seed, 'MPerClassSampler', epoch, batch)
   */
  static at(seed: number, purpose: string, ...position: number[]): Random {
    for (const number of position) expectNumber('Random.at', 'position', number, { integer: true })
    const random = new Random(seed)
    random.#generator = xoroshiro128plusFromState(scrambled(seed, purpose, position))
    return random
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
}

/** Four words of 32 bits in which each bit depends on each argument. Where words end is part of what is mixed. */
function scrambled(seed: number, purpose: string, position: readonly number[]): number[] {
  const characters = Array.from({ length: purpose.length }, (_, i) => purpose.charCodeAt(i))
  const words = [...words64(seed), purpose.length, ...characters, ...position.flatMap(words64)]
  let [a, b, c, d] = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]
  // A round for each word maps the four one to one. The last two, for the count alone, spread the words before to all four.
  for (const word of [...words, words.length, words.length]) {
    a = mixed((a + d) ^ word)
    b = mixed(b + a)
    c = mixed(c + b)
    d = mixed(d + c)
  }
  return [a, b, c, d]
}

/** An integer in two words of 32 bits. */
const words64 = (integer: number): [number, number] => [integer | 0, Math.floor(integer / 2 ** 32) | 0]

/** The finaliser of MurmurHash3: one to one on 32 bits, each bit of the result depends on each bit of the word. */
function mixed(word: number): number {
  let x = word ^ (word >>> 16)
  x = Math.imul(x, 0x85ebca6b)
  x ^= x >>> 13
  x = Math.imul(x, 0xc2b2ae35)
  return x ^ (x >>> 16)
}
