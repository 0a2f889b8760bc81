/** Where an epoch is. */
interface EpochPlace {
  readonly epoch: number
  /** Epochs that the run will reach. */
  readonly epochs: number
  /** Steps in an epoch. */
  readonly steps: number
  /** Steps of this epoch that are done. */
  readonly stepInEpoch: number
}

/** Steps of an epoch after which its own speed counts, and no longer that of the one before. */
const STEPS_OF_ITS_OWN = 10

/**
 * How long a run will take: the steps that are left at the speed of those so far, and the pauses between epochs, in which it is
 * evaluated and saved, at the mean of those so far. The first step of an epoch counts as done, but not for the speed: it may be
 * captured there.
 */
export class TimeLeft {
  #place: EpochPlace = { epoch: 0, epochs: 0, steps: 0, stepInEpoch: 0 }
  /** When the epoch was gone on with, and when the first step since then was done. */
  #began: { readonly at: number; readonly step: number } | undefined
  #first: { readonly at: number; readonly step: number } | undefined
  #last = 0
  /** Milliseconds of a step in the epoch before. */
  #rateBefore: number | undefined
  /** When the pause under way began. */
  #paused: number | undefined
  /** Milliseconds of each pause after an epoch, and of that before the first. */
  readonly #pauses: number[] = []
  #firstPause: number | undefined

  /**
   * @param runsAfter runs like this one that follow it
   * @param now milliseconds of a clock that only goes on
   */
  constructor(
    private readonly runsAfter: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The run pauses between epochs, or before the first one. */
  pause(): void {
    this.#paused ??= this.now()
  }

  /** The run ends, and may be gone on with much later. */
  end(): void {
    this.#paused = undefined
  }

  /** An epoch begins, or is gone on with. */
  begin(place: EpochPlace): void {
    this.#endPause()
    this.#rateBefore = this.#rate() ?? this.#rateBefore
    this.#place = place
    this.#began = { at: this.now(), step: place.stepInEpoch }
    this.#first = undefined
  }

  /** A step is done. */
  step(stepInEpoch: number): void {
    this.#place = { ...this.#place, stepInEpoch }
    this.#last = this.now()
    this.#first ??= { at: this.#last, step: stepInEpoch }
    if (stepInEpoch === this.#place.steps) this.pause()
  }

  /** Seconds until the last run ends; `undefined` before the first step. */
  get seconds(): number | undefined {
    const rate = this.#stepTime()
    if (rate === undefined) return undefined
    const { epoch, epochs, steps, stepInEpoch } = this.#place
    const pause = mean(this.#pauses) ?? this.#firstPause ?? 0
    const training = rate * ((epochs - epoch + 1) * steps - stepInEpoch)
    // The pause under way is one of those that are left, as long as the mean says.
    const pausing = (epochs - epoch + 1) * pause - (this.#paused === undefined ? 0 : Math.min(pause, this.now() - this.#paused))
    const whole = epochs * steps * rate + (this.#firstPause ?? 0) + epochs * pause
    return (training + pausing + this.runsAfter * whole) / 1000
  }

  #stepTime(): number | undefined {
    const own = this.#rate()
    if (this.#rateBefore !== undefined && (this.#first === undefined || this.#place.stepInEpoch - this.#first.step < STEPS_OF_ITS_OWN)) return this.#rateBefore
    if (own !== undefined || !this.#began || !this.#first) return own
    return (this.#first.at - this.#began.at) / (this.#first.step - this.#began.step)
  }

  #rate(): number | undefined {
    const { stepInEpoch } = this.#place
    return this.#first && stepInEpoch > this.#first.step ? (this.#last - this.#first.at) / (stepInEpoch - this.#first.step) : undefined
  }

  #endPause(): void {
    if (this.#paused === undefined) return
    const length = this.now() - this.#paused
    if (this.#began) this.#pauses.push(length)
    else this.#firstPause = length
    this.#paused = undefined
  }
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
