/** Samples a second since the last look. */
export class Throughput {
  #samples = 0
  #since = performance.now()

  /** Counts samples. */
  add(samples: number): void {
    this.#samples += samples
  }

  /** Begins anew: what was in between was no training. */
  restart(): void {
    this.#samples = 0
    this.#since = performance.now()
  }

  /** Samples a second since the last look or restart. */
  look(): number {
    const seconds = (performance.now() - this.#since) / 1000
    const rate = this.#samples / seconds
    this.restart()
    return rate
  }
}
