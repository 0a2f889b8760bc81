import type { RunPosition } from '../hooks/running-trainer.js'

/** How far a run is, and why it is to stop. */
export class RunProgress {
  /** Epochs that have ended, and batches that are done in the one under way. */
  position: RunPosition = { epoch: 0, batch: 0 }
  /** Steps so far. */
  step = 0
  /** The epoch that contexts name: the one under way, or the one that has just ended, from 1; 0 before the first. */
  epoch = 0
  stopReason: string | undefined
  /** How often it has moved, by a step or to where another run stood. */
  moves = 0

  /** @param batch batches of the epoch under way that are done with this step */
  stepDone(batch: number): void {
    this.moves += 1
    this.step += 1
    this.position = { epoch: this.position.epoch, batch }
  }

  epochDone(): void {
    this.position = { epoch: this.epoch, batch: 0 }
  }

  /** Stands where another run stood. */
  goOnAt({ epoch, batch, step }: RunPosition & { readonly step: number }): void {
    this.moves += 1
    this.position = { epoch, batch }
    this.epoch = batch > 0 ? epoch + 1 : epoch
    this.step = step
  }

  /** As messages say it. */
  when(step = this.step): string {
    return `step ${step} of epoch ${this.epoch}`
  }
}
