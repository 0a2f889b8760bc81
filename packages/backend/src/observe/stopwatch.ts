/** One timed call, in milliseconds of `performance.now()`. */
export interface Timed {
  readonly start: number
  readonly end: number
  /** The time of the call without that of timed calls inside it. */
  readonly own: number
}

/** Times synchronous calls that may lie within each other, so that no time counts twice. */
export class Stopwatch {
  /** Time of the calls inside the one under way. */
  #inside = 0

  /** @param now milliseconds; default `performance.now` */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Runs `work`, also when it throws tells `done` how long it took, and returns what it returned. */
  time<T>(work: () => T, done: (timed: Timed) => void): T {
    const outside = this.#inside
    this.#inside = 0
    const start = this.now()
    try {
      return work()
    } finally {
      const end = this.now()
      const own = end - start - this.#inside
      this.#inside = outside + end - start
      done({ start, end, own })
    }
  }
}
