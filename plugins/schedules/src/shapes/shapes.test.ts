import { OptionError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { chained } from './chained.js'
import { constant } from './constant.js'
import { cosine } from './cosine.js'
import { cosineWarmRestarts } from './cosine-warm-restarts.js'
import { exponential } from './exponential.js'
import { linear } from './linear.js'
import { multiStep } from './multi-step.js'
import { onPlateau } from './on-plateau.js'
import { oneCycle } from './one-cycle.js'
import { polynomial } from './polynomial.js'
import { step } from './step.js'
import { warmUp } from './warm-up.js'

/** What `Scheduled` of ops is to those who take numbers. */
const scheduled = { [Symbol.for('metric-learning.scheduled')]: true, value: 0.5, restrict: () => undefined } as never

describe('shapes', () => {
  it('go on after their end', () => {
    const cycle = oneCycle({ maxValue: 1, totalSteps: 10 })
    expect(cycle(500, 0)).toBe(cycle(9, 0))
    expect(linear({ startFactor: 0, endFactor: 3, totalIters: 4 })(500, 2)).toBe(6)
    expect(polynomial({ totalIters: 4 })(500, 2)).toBe(0)
    expect(cosineWarmRestarts({ t0: 7 })(7e12 + 3, 2)).toBe(cosineWarmRestarts({ t0: 7 })(3, 2))
  })

  it('begin where PyTorch divides by 0', () => {
    expect(linear({ startFactor: 0, totalIters: 4 })(2, 1)).toBe(0.5)
    expect(oneCycle({ maxValue: 1, totalSteps: 10, pctStart: 0.1 })(0, 0)).toBe(1)
  })

  it('warm up to where the shape begins, whatever that is', () => {
    const shape = warmUp(constant({ factor: 0.5, totalIters: 10 }), { startFactor: 0, totalIters: 4 })
    expect([0, 1, 2, 3, 4, 13, 14].map((position) => shape(position, 8))).toEqual([0, 1, 2, 3, 4, 4, 8])
    const cycle = oneCycle({ maxValue: 25, totalSteps: 10 })
    expect(warmUp(cycle, { startFactor: 0, totalIters: 2 })(1, 1000)).toBe(0.5)
  })

  it('may be functions of one’s own', () => {
    expect(chained(() => 3, (position, initial) => initial + position)(4, 100)).toBe(7)
    expect(chained()(4, 100)).toBe(100)
  })

  it.each<[string, () => unknown, string]>([
    ['an unknown option', () => step({ stepSize: 3, gama: 0.1 } as never), 'step: wanted only the options stepSize, gamma, got `gama`.'],
    ['no options', () => cosine(undefined as never), 'cosine: wanted an object of options, got undefined.'],
    ['no length', () => cosine({} as never), 'cosine: wanted `tMax` to be an integer of at least 1, got undefined.'],
    ['half a position', () => step({ stepSize: 1.5 }), 'step: wanted `stepSize` to be an integer of at least 1, got 1.5.'],
    ['a negative factor', () => constant({ factor: -1 }), 'constant: wanted `factor` to be a number of at least 0, got -1.'],
    ['a length of 0', () => linear({ totalIters: 0 }), 'linear: wanted `totalIters`'],
    ['no gamma', () => exponential({} as never), 'exponential: wanted `gamma`'],
    ['no power', () => polynomial({ power: 0 }), 'polynomial: wanted `power` to be a number above 0, got 0.'],
    ['no milestones', () => multiStep({ milestones: [] }), 'multiStep: wanted `milestones` to be a list of positions, got an empty one.'],
    ['one milestone', () => multiStep({ milestones: 30 as never }), 'multiStep: wanted `milestones` to be a list of positions, got 30.'],
    ['a broken milestone', () => multiStep({ milestones: [3, NaN] }), 'multiStep: wanted `milestones`'],
    ['restarts that get closer', () => cosineWarmRestarts({ t0: 4, tMult: 0.5 }), 'cosineWarmRestarts: wanted `tMult`'],
    ['a cycle of one step', () => oneCycle({ maxValue: 1, totalSteps: 1 }), 'oneCycle: wanted `totalSteps`'],
    ['a rise without end', () => oneCycle({ maxValue: 1, totalSteps: 9, pctStart: 1.1 }), 'oneCycle: wanted `pctStart`'],
    ['no room for a third phase', () => oneCycle({ maxValue: 1, totalSteps: 9, pctStart: 0.6, threePhase: true }), 'at most 0.5, got 0.6'],
    ['no strategy', () => oneCycle({ maxValue: 1, totalSteps: 9, annealStrategy: 'sin' as never }), "`annealStrategy` to be 'cos' or 'linear', got sin"],
    ['a warm-up of 0', () => warmUp(constant(), { totalIters: 0 }), 'warmUp: wanted `totalIters`'],
    ['no metric', () => onPlateau({ mode: 'max' } as never), "onPlateau: wanted `metric` to be the tag of a logged number, such as 'val/precisionAt1', got undefined."],
    ['no mode', () => onPlateau({ metric: 'val/precisionAt1' } as never), "onPlateau: wanted `mode` to be 'min' or 'max', got undefined."],
    ['a factor of 1', () => onPlateau({ metric: 'val/precisionAt1', mode: 'max', factor: 1 }), 'onPlateau: wanted `factor`'],
    ['a factor that is scheduled', () => constant({ factor: scheduled }), 'constant: wanted `factor` to be a plain number, got one that is scheduled'],
    ['a peak that is scheduled', () => oneCycle({ maxValue: scheduled, totalSteps: 9 }), 'oneCycle: wanted `maxValue` to be a plain number'],
    ['half a look', () => onPlateau({ metric: 'val/precisionAt1', mode: 'max', patience: 0.5 }), 'onPlateau: wanted `patience`'],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(OptionError)
    expect(make).toThrow(message)
  })
})

describe('onPlateau', () => {
  const plateau = onPlateau({ metric: 'train/loss', mode: 'min', patience: 1, factor: 0.5 })

  it('takes NaN and infinity for no progress', () => {
    const state = [NaN, 3, NaN, Infinity].reduce((before, value) => plateau.next(before, value), plateau.begin)
    expect(state).toEqual({ best: 3, badCount: 0, cooldown: 0, factor: 0.5 })
  })

  it('leaves the initial value alone until the first reduction, also one below the lowest', () => {
    const low = onPlateau({ metric: 'train/loss', mode: 'min', minValue: 0.1 })
    expect(low.valueAt(low.begin, 0.01)).toBe(0.01)
  })
})
