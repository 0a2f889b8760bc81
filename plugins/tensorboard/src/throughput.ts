/** What training did since the last look. */
export interface Pace {
  readonly samplesPerSecond: number
  /** Milliseconds that a step waited for its data, in the mean; 0 without a step. */
  readonly dataWait: number
}

/** Counts samples and waits between two looks. */
export class Throughput {
  #samples = 0
  #steps = 0
  #waited = 0
  #since = performance.now()

  /** Counts a step of `samples` samples that waited `dataWait` milliseconds for them. */
  add(samples: number, dataWait: number): void {
    this.#samples += samples
    this.#steps += 1
    this.#waited += dataWait
  }

  /** Begins anew: what was in between was no training. */
  restart(): void {
    this.#samples = 0
    this.#steps = 0
    this.#waited = 0
    this.#since = performance.now()
  }

  /** The pace since the last look or restart. */
  look(): Pace {
    const seconds = (performance.now() - this.#since) / 1000
    const pace = {
      samplesPerSecond: this.#samples / seconds,
      dataWait: this.#steps === 0 ? 0 : this.#waited / this.#steps,
    }
    this.restart()
    return pace
  }
}
