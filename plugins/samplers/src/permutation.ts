import type { Random } from '@metric-learning/contracts'

/** Rounds of the network. Four do where the function of each round is random; this one is a hash. */
const ROUNDS = 8
/** Up to here the whole order is shuffled: networks over few bits are no good mixers. */
const SHUFFLED = 128

/**
 * A random order of 0 … size - 1 whose elements can be had one by one, without the others: a Feistel network on the integers below
 * the next power of four, walked until it lands below `size` (less than four steps on average).
 *
 * Source: J. Black and P. Rogaway, "Ciphers with Arbitrary Finite Domains" (2002).
 */
export class Permutation {
  readonly #shuffled: Int32Array | undefined
  readonly #halfBits: number
  readonly #keys: readonly number[]

  /** @param size at most 2^31 */
  constructor(
    random: Random,
    readonly size: number,
  ) {
    this.#shuffled = size <= SHUFFLED ? random.shuffle(Int32Array.from({ length: size }, (_, i) => i)) : undefined
    this.#halfBits = Math.ceil(Math.log2(size) / 2)
    this.#keys = this.#shuffled ? [] : Array.from({ length: ROUNDS }, () => random.int(2 ** 32))
  }

  /** The element at a position in [0, size). */
  at(position: number): number {
    if (this.#shuffled) return this.#shuffled[position]!
    let element = position
    do element = this.#network(element)
    while (element >= this.size)
    return element
  }

  #network(element: number): number {
    const mask = 2 ** this.#halfBits - 1
    let [left, right] = [element >>> this.#halfBits, element & mask]
    for (const key of this.#keys) [left, right] = [right, left ^ (mixed(right ^ key) & mask)]
    return ((left << this.#halfBits) | right) >>> 0
  }
}

/** The finaliser of MurmurHash3: each bit of the result depends on each bit of the word. */
function mixed(word: number): number {
  let x = word ^ (word >>> 16)
  x = Math.imul(x, 0x85ebca6b)
  x ^= x >>> 13
  x = Math.imul(x, 0xc2b2ae35)
  return x ^ (x >>> 16)
}
