import { OptionError } from '@metric-learning/contracts'
import { SGD, type Plugin, type Trainer } from '@metric-learning/core'
import { Scheduled, stepCompiler } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { schedules, type Schedule } from './schedules.js'
import { exponential } from './shapes/exponential.js'
import { linear } from './shapes/linear.js'
import { multiStep } from './shapes/multi-step.js'
import { onPlateau } from './shapes/on-plateau.js'
import { centreLoss, evaluating, logging, noting, saved, STEPS, toyTrainer, toyTrainerOf, toyTrainerUsing } from './toy-run.fixture.js'

const half = exponential({ gamma: 0.5 })
const ratesOf = ({ optimizers }: Pick<Trainer, 'optimizers'>) => [...optimizers.values()].map(({ learningRate }) => learningRate)

async function rates(list: readonly Schedule[], epochs: number) {
  const notes = noting(ratesOf)
  await toyTrainer(notes, schedules(list)).train({ epochs })
  return notes.notes
}

describe('schedules', () => {
  it('set the rate of one optimizer by step, from position 0 at the first one', async () => {
    expect(await rates([{ of: 'trunk', shape: half, by: 'step' }], 2)).toEqual(
      [1, 0.5, 0.25, 0.125, 0.0625, 0.03125].map((rate) => [rate, 2, 4]),
    )
  })

  it('set rates by epoch, each from its own initial value', async () => {
    const rows = [[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]]
    expect(await rates([{ of: 'all', shape: half, by: 'epoch' }], 3)).toEqual(rows.flatMap((row) => Array(STEPS).fill(row)))
    const apart: Schedule[] = [
      { of: 'embedder', shape: multiStep({ milestones: [1] }), by: 'epoch' },
      { of: 'losses.centre', shape: () => 7, by: 'step' },
    ]
    expect(await rates(apart, 2)).toEqual([2, 0.2].flatMap((rate) => Array(STEPS).fill([1, rate, 7])))
  })

  it('reach the weights', async () => {
    const trainer = toyTrainer(schedules([{ of: 'trunk', shape: (epoch) => (epoch === 0 ? 0 : 0.1), by: 'epoch' }]))
    const weight = trainer.parameters.get('trunk.weight')!
    await trainer.train({ epochs: 1 })
    expect(weight.dataSync()[0]).toBe(1)
    await trainer.train({ epochs: 2 })
    expect(weight.dataSync()[0]).not.toBe(1)
  })

  it('set scheduled numbers, on the device, too', async () => {
    const weight = new Scheduled(2, 'weight')
    const notes = noting(() => [weight.value, weight.tensor.dataSync()[0]])
    await toyTrainerUsing(weight, schedules([{ of: weight, shape: linear({ startFactor: 0, totalIters: 4 }), by: 'step' }]), notes).train({ epochs: 2 })
    expect(notes.notes).toEqual([0, 0.5, 1, 1.5, 2, 2].map((value) => [value, value]))
    weight.dispose()
  })

  it.runIf(stepCompiler())('take effect in a compiled step as in an eager one', async () => {
    const run = async (compile: 'require' | false, scheduled: boolean) => {
      const share = new Scheduled(1, 'share')
      const plugin = schedules([
        { of: share, shape: half, by: 'step' },
        { of: 'all', shape: exponential({ gamma: 0.8 }), by: 'step' },
      ])
      const trainer = toyTrainerOf({
        objectives: [{ loss: centreLoss(share), optimizer: new SGD({ learningRate: 0.1 }) }],
        compile,
        plugins: [scheduled && plugin],
      })
      await trainer.train({ epochs: 3 })
      return [...trainer.parameters.values()].flatMap((parameter) => [...parameter.dataSync()])
    }
    const [compiled, eager, unscheduled] = [await run('require', true), await run(false, true), await run(false, false)]
    expect(compiled).toEqual(eager)
    expect(eager).not.toEqual(unscheduled)
  })

  it('are there before other taps of epochStart', async () => {
    const seen: number[] = []
    const looking: Plugin = {
      name: 'looking',
      apply({ hooks }) {
        hooks.epochStart.tap({ name: 'looking' }, ({ trainer }) => {
          seen.push((trainer as ReturnType<typeof toyTrainer>).optimizers.get('trunk')!.learningRate)
          return undefined
        })
      },
    }
    await toyTrainer(looking, schedules([{ of: 'trunk', shape: (epoch) => 3 - epoch, by: 'epoch' }])).train({ epochs: 2 })
    expect(seen).toEqual([3, 2])
  })

  it('own their numbers: what others set lasts until the next step', async () => {
    const trainer = toyTrainer(schedules([{ of: 'trunk', shape: half, by: 'epoch' }]))
    await trainer.train({ epochs: 1 })
    trainer.optimizers.get('trunk')!.learningRate = 100
    await trainer.train({ epochs: 2 })
    expect(trainer.optimizers.get('trunk')!.learningRate).toBe(0.5)
  })

  it('go by what is counted: a run that goes on elsewhere is on its course without a memory', () => {
    const plugin = schedules([
      { of: 'trunk', shape: half, by: 'step' },
      { of: 'embedder', shape: half, by: 'epoch' },
    ])
    expect(plugin.state()).toEqual({ values: {} })
    const trainer = toyTrainer()
    const taps = new Map<string, (position: { readonly epoch: number; readonly step: number }) => unknown>()
    const hooks = new Proxy({}, { get: (_, hook: string) => ({ tap: (_options: object, tap: () => unknown) => taps.set(hook, tap) }) })
    plugin.apply({ hooks, optimizers: trainer.optimizers } as unknown as Trainer)
    // A saved optimizer brings the rate of its last step: that is no initial value.
    trainer.optimizers.get('trunk')!.learningRate = 0.125
    trainer.optimizers.get('embedder')!.learningRate = 1
    taps.get('batchStart')!({ epoch: 3, step: 4 })
    expect(ratesOf(trainer)).toEqual([0.0625, 0.5, 4])
  })

  it('reduce on plateau, from the evaluation on', async () => {
    const list: Schedule[] = [{ of: 'all', shape: onPlateau({ metric: 'val/precisionAt1', mode: 'max', patience: 1, factor: 0.5 }) }]
    for (const metric of [logging, evaluatingTag]) {
      const notes = noting(ratesOf)
      await toyTrainer(metric('val/precisionAt1', [0.5, 0.4, 0.5, 0.6, 0.1, 0.1]), schedules(list), notes).train({ epochs: 7 })
      const factors = notes.notes.filter((_, i) => i % STEPS === 0).map(([trunk]) => trunk)
      expect(factors).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25])
      expect(notes.notes.at(-1)).toEqual([0.25, 0.5, 1])
    }
  })

  it('go on with a plateau where it was saved', async () => {
    const values = [0.5, 0.4, 0.5, 0.6, 0.1, 0.1, 0.1, 0.1]
    const margin = new Scheduled(8, 'margin')
    const shape = onPlateau({ metric: 'val/map', mode: 'max', patience: 1, factor: 0.5, cooldown: 1 })
    const make = () => schedules([{ of: 'trunk', shape }, { of: margin, shape: onPlateau({ metric: 'train/loss/error', mode: 'min', patience: 0 }) }])
    const log = (from: number) => [logging('val/map', values.slice(from)), logging('train/loss/error', Array<number>(99).fill(1), 'step')]
    const whole = make()
    await toyTrainerUsing(margin, ...log(0), whole).train({ epochs: 8 })
    for (const end of [1, 2, 3, 5]) {
      margin.value = 8
      const first = make()
      await toyTrainerUsing(margin, ...log(0), first).train({ epochs: end })
      const second = make()
      const trainer = toyTrainerUsing(margin, ...log(end), second)
      second.restore(saved(first))
      expect(saved(second)).toEqual(saved(first))
      await trainer.train({ epochs: 8 - end })
      expect(saved(second)).toEqual(saved(whole))
    }
    margin.dispose()
  })

  it('begin a plateau anew that was not there when the run was saved', () => {
    const plugin = schedules([{ of: 'trunk', shape: onPlateau({ metric: 'val/map', mode: 'max' }) }])
    const fresh = saved(plugin)
    plugin.restore({ values: {} })
    plugin.restore({})
    expect(saved(plugin)).toEqual(fresh)
  })

  it('name the metrics that came when that of a plateau did not', async () => {
    const list: Schedule[] = [{ of: 'trunk', shape: onPlateau({ metric: 'val/precisionAt2', mode: 'max' }) }]
    const trainer = toyTrainer(evaluating('val', 'precisionAt1', [0, 0]), schedules(list))
    await expect(trainer.train({ epochs: 2 })).rejects.toThrow(
      /schedules: wanted `metric` to be a number that is logged, "val\/precisionAt2", got only .*val\/precisionAt1\./,
    )
    expect(trainer.step).toBe(STEPS)
  })

  const margin = new Scheduled(1, 'margin')
  it.each<[string, unknown[], string]>([
    ['an optimizer that is not there', [{ of: 'trunks', shape: half, by: 'step' }], '`of` to be one of all, trunk, embedder, losses.centre, got "trunks"'],
    ['two schedules of one rate', [{ of: 'trunk', shape: half, by: 'step' }, { of: 'all', shape: half, by: 'epoch' }], "two for one, schedules[0] of 'trunk' and schedules[1] of 'all'"],
    ['two schedules of one number', [{ of: margin, shape: half, by: 'step' }, { of: margin, shape: half, by: 'step' }], 'schedules[0] of margin and schedules[1] of margin'],
    ['a number that nothing uses', [{ of: new Scheduled(1, 'temperature'), shape: half, by: 'step' }], 'schedules[0]: wanted `of` to be a number that the run uses: plugins.user.number, got temperature, which nothing of it has in a public field.'],
    ['no unit', [{ of: 'trunk', shape: half }], "schedules[0]: wanted `by` to be 'step' or 'epoch', got undefined."],
    ['a unit of a plateau', [{ of: 'trunk', shape: onPlateau({ metric: 'a', mode: 'max' }), by: 'epoch' }], 'schedules[0]: wanted `by` to be undefined, got epoch.'],
    ['a plain number', [{ of: 0.1, shape: half, by: 'step' }], 'schedules[0]: wanted `of` to be an optimizer'],
    ['no shape', [{ of: 'trunk', shape: 0.1, by: 'step' }], 'schedules[0]: wanted `shape` to be a function'],
    ['a shape that gives no number', [{ of: 'trunk', shape: () => Number.NaN, by: 'step' }], 'schedules[0]: wanted `shape(0, initial)` to be a number, got NaN.'],
    ['a misspelt entry', [{ off: 'trunk', shape: half, by: 'step' }], 'schedules[0]: wanted only the options of, shape, by, got `off`.'],
    ['no metric', [{ of: 'trunk', shape: { ...onPlateau({ metric: 'a', mode: 'max' }), metric: undefined } }], 'schedules: wanted `metric` to be the tag'],
  ])('refuse %s', (_, list, message) => {
    const make = () => toyTrainerUsing(margin, schedules(list as Schedule[]))
    expect(make).toThrow(OptionError)
    expect(make).toThrow(message)
  })

  it('refuse two schedules of a rate that is a scheduled number, whatever it is called by; one of all is one', async () => {
    const rate = new Scheduled(8, 'rate')
    const notes = noting(ratesOf)
    const make = (...list: Schedule[]) =>
      toyTrainerOf({
        optimizers: { trunk: new SGD({ learningRate: rate }), embedder: new SGD({ learningRate: rate }) },
        plugins: [schedules(list), notes],
      })
    const by = 'step'
    const twice = "two for one, schedules[0] of 'trunk' and schedules[1] of "
    expect(() => make({ of: 'trunk', shape: half, by }, { of: rate, shape: half, by })).toThrow(`${twice}rate`)
    expect(() => make({ of: 'trunk', shape: half, by }, { of: 'embedder', shape: half, by })).toThrow(`${twice}'embedder'`)
    await make({ of: 'all', shape: half, by }).train({ epochs: 1 })
    expect(notes.notes).toEqual([8, 4, 2].map((value, i) => [value, value, [4, 2, 1][i]]))
    rate.dispose()
  })

  it('refuse what is no list', () => {
    expect(() => schedules({ of: 'trunk' } as never)).toThrow('schedules: wanted a list of schedules')
  })
})

function evaluatingTag(tag: string, values: readonly number[]) {
  const [split, metric] = tag.split('/') as [string, string]
  return evaluating(split, metric, values)
}
