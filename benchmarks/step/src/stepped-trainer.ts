import type { TrainedStep, Trainer } from '@metric-learning/core'

/** Steps from one look to the next, as trainers have it by default. */
export const LOOK = 20

/** A trainer that is stepped, and timed. */
export class SteppedTrainer {
  readonly #steps: AsyncGenerator<TrainedStep, void, undefined>
  readonly #times: number[] = []

  constructor(private readonly trainer: Trainer) {
    this.#steps = trainer.steps({ epochs: 1 })
  }

  async step(counts: boolean): Promise<void> {
    const started = performance.now()
    const { value } = await this.#steps.next()
    // The device has done its work when the loss is there.
    await value!.loss()
    const took = performance.now() - started
    if (counts) this.#times.push(took)
  }

  /** Milliseconds of each step that counts, in order. */
  get times(): readonly number[] {
    return this.#times
  }

  async end(): Promise<void> {
    await this.#steps.return()
    this.trainer.dispose()
  }
}
