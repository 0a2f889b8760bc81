import { describe, expect, it } from 'vitest'
import { TimeLeft } from './time-left.js'

/** A run of epochs of 100 steps, a second each, the first of an epoch five; pauses of 30 s, the first one of 20 s. */
class Run {
  #time = 0
  readonly left: TimeLeft

  constructor(
    private readonly epochs: number,
    runsAfter = 0,
  ) {
    this.left = new TimeLeft(runsAfter, () => 1000 * this.#time)
  }

  pause(seconds: number): this {
    this.left.pause()
    this.#time += seconds
    return this
  }

  steps(epoch: number, from: number, to: number): this {
    if (from === 0 || epoch === 1) this.left.begin({ epoch, epochs: this.epochs, steps: 100, stepInEpoch: from })
    for (let step = from + 1; step <= to; step++) {
      this.#time += step === from + 1 ? 5 : 1
      this.left.step(step)
    }
    return this
  }
}

describe('TimeLeft', () => {
  it('knows nothing before the first step', () => {
    expect(new Run(2).pause(20).left.seconds).toBeUndefined()
    expect(new Run(2).pause(20).steps(1, 0, 0).left.seconds).toBeUndefined()
    expect(new Run(2).pause(20).steps(1, 0, 1).left.seconds).toBe(2 * 20 + 199 * 5)
  })

  it('counts steps that are left at the speed of those after the first, and evaluations', () => {
    expect(new Run(2).steps(1, 0, 11).left.seconds).toBe(189)
    expect(new Run(2).pause(20).steps(1, 0, 11).left.seconds).toBe(189 + 2 * 20)
    expect(new Run(2).pause(20).steps(1, 0, 100).pause(30).steps(2, 0, 0).left.seconds).toBe(100 + 30)
    expect(new Run(2).pause(20).steps(1, 0, 100).pause(30).steps(2, 0, 5).left.seconds).toBe(95 + 30)
    expect(new Run(2).pause(20).steps(1, 0, 100).pause(30).steps(2, 0, 50).left.seconds).toBe(50 + 30)
  })

  it('goes on while the run is evaluated, and not below what is left after that', () => {
    const run = new Run(3).pause(20).steps(1, 0, 100).pause(30).steps(2, 0, 100)
    expect(run.pause(10).left.seconds).toBe(20 + 100 + 30)
    expect(run.pause(10).left.seconds).toBe(10 + 100 + 30)
    expect(run.pause(60).left.seconds).toBe(100 + 30)
  })

  it('counts the runs that follow', () => {
    const run = new Run(2, 1).pause(20).steps(1, 0, 100).pause(30).steps(2, 0, 100)
    expect(run.left.seconds).toBe(30 + (200 + 20 + 2 * 30))
    expect(new Run(2, 2).steps(1, 0, 100).left.seconds).toBe(100 + 2 * 200)
  })

  it('does not take for a pause what lies between two runs', () => {
    const run = new Run(2).steps(1, 0, 100)
    run.left.end()
    expect(run.steps(2, 0, 50).left.seconds).toBe(50)
  })
})
