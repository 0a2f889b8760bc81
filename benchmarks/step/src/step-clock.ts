import type { Plugin, Trainer } from '@metric-learning/core'
import { TIMING, type TurnRequest } from './turn.js'

/**
 * The time that steps take, from before the upload of a batch to after its update, the warm-up not counted. On a CPU the
 * loss is read in each step; on a card in the last one only, since a read keeps the card waiting.
 */
export class StepClock implements Plugin {
  readonly name = 'step clock'
  /** Milliseconds of each step; on a card of those between reads, which say little. */
  readonly times: number[] = []
  /** Milliseconds of all steps together. */
  total = 0

  constructor(private readonly request: Pick<TurnRequest, 'device' | 'warmUp' | 'steps'>) {}

  apply({ hooks }: Trainer): void {
    const { device, warmUp, steps } = this.request
    const { name } = this
    let [done, first, started] = [0, 0, 0]
    hooks.batchStart.tap({ name, stage: 'report' }, () => {
      started = performance.now()
    })
    hooks.batchEnd.tapPromise({ name, stage: 'measure' }, async ({ loss }) => {
      done += 1
      if (device === 'cpu' || done <= warmUp || done === warmUp + steps) await loss()
      const now = performance.now()
      if (done > warmUp) this.times.push(now - started)
      if (done === warmUp + steps) this.total = now - first
      if (done === warmUp) {
        process.stdout.write(`${TIMING}\n`)
        first = performance.now()
      }
    })
  }
}
