import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import type { Evaluation, SetupContext } from './contexts.js'
import { HookSet } from './hook-set.js'

const setupContext = {} as SetupContext

describe('HookSet', () => {
  it('awaits promises, in order of stage and then of registration', async () => {
    const hooks = new HookSet()
    const taps = hooks.taps()
    const order: string[] = []
    taps.setup.tap({ name: 'logger', stage: 'report' }, () => {
      order.push('logger')
    })
    taps.setup.tapPromise({ name: 'slow' }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push('slow')
    })
    taps.setup.tap({ name: 'quick' }, () => {
      order.push('quick')
    })
    taps.setup.tap({ name: 'clock', stage: 'measure' }, () => {
      order.push('clock')
    })
    await hooks.setup.promise(setupContext)
    expect(order).toEqual(['clock', 'slow', 'quick', 'logger'])
  })

  it('rejects an async function given to tap, in the compiler and at run time', async () => {
    const hooks = new HookSet()
    const taps = hooks.taps()
    // @ts-expect-error -- an async callback belongs to tapPromise
    taps.setup.tap({ name: 'forgetful' }, async () => {
      await Promise.resolve()
    })
    // @ts-expect-error -- this hook knows no promises
    taps.loss.tap({ name: 'forgetful' }, async () => {
      await Promise.resolve()
    })
    await expect(hooks.setup.promise(setupContext)).rejects.toThrow(
      'Plugin "forgetful" in hooks.setup: wanted a synchronous function for tap(), got an async one, which would be neither awaited nor caught. Use tapPromise().',
    )
    expect(() => hooks.loss.call({} as never)).toThrow('Plugin "forgetful" in hooks.loss')
  })

  it('has no tapPromise where nothing is awaited', () => {
    const taps = new HookSet().taps()
    expect('tapPromise' in taps.loss).toBe(false)
    expectTypeOf(taps.mine).not.toHaveProperty('tapPromise')
  })

  it('names plugin and hook when a tap fails, and keeps the cause', async () => {
    const hooks = new HookSet()
    const cause = new Error('ENOSPC: no space left on device')
    hooks.taps().epochEnd.tapPromise({ name: 'tensorboard' }, () => Promise.reject(cause))
    const failure = await hooks.epochEnd.promise({} as never).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ML_PLUGIN', cause })
    expect((failure as Error).message).toContain('Plugin "tensorboard" in hooks.epochEnd: wanted to finish, got ENOSPC')
  })

  it('hands the result of a waterfall on, and refuses undefined', () => {
    const hooks = new HookSet()
    const taps = hooks.taps()
    taps.mine.tap({ name: 'a' }, (context) => ({ ...context, objective: `${context.objective}+a` }))
    expect(hooks.mine.call({ objective: 'x' } as never).objective).toBe('x+a')
    taps.mine.tap({ name: 'b' }, (() => undefined) as never)
    expect(() => hooks.mine.call({ objective: 'x' } as never)).toThrow('Plugin "b" in hooks.mine: wanted the context')
  })

  it('lists the hooks there are when one is misspelt', () => {
    const taps = new HookSet().taps() as unknown as Record<string, unknown>
    expect(() => taps['epochend']).toThrow('wanted one of setup, epochStart, batchStart, mine, loss, gradients, exchange, updated, batchEnd')
  })

  it('refuses unknown stages and late taps', () => {
    const hooks = new HookSet()
    const taps = hooks.taps()
    const nothing = () => undefined
    expect(() => {
      taps.setup.tap({ name: 'p', stage: 'last' as never }, nothing)
    }).toThrow('a stage out of measure, default, report, save, got "last"')
    hooks.freeze()
    expect(() => {
      taps.setup.tap({ name: 'p' }, nothing)
    }).toThrow('a tap after the run has begun')
  })

  it('hands what testers return to the trainer, and nothing of those who are not due', async () => {
    const hooks = new HookSet()
    const taps = hooks.taps()
    const found = (tester: string): Evaluation => ({ tester, metrics: {}, seconds: 0 })
    taps.evaluate.tapPromise({ name: 'slow' }, () => Promise.resolve(found('slow')))
    taps.evaluate.tap({ name: 'not due' }, () => undefined)
    taps.evaluate.tap({ name: 'quick', rawWeights: true }, () => found('quick'))
    const heard: string[] = []
    const hear = async ({ tester }: Evaluation) => {
      await Promise.resolve()
      heard.push(tester)
    }
    taps.evaluate.tap({ name: 'last' }, () => {
      heard.push('last is asked')
      return undefined
    })
    const asked: boolean[] = []
    await hooks.ask({} as never, { found: hear, asking: (rawWeights) => asked.push(rawWeights) })
    expect(heard).toEqual(['slow', 'quick', 'last is asked'])
    expect(asked).toEqual([false, false, true, false])
  })

  it('runs every tap of done and failed; errors of done are thrown after that, those of failed are warnings', async () => {
    const hooks = new HookSet()
    const taps = hooks.taps()
    const ran: string[] = []
    for (const hook of ['done', 'failed'] as const) {
      taps[hook].tap({ name: 'broken' }, () => {
        throw new Error(`disk full in ${hook}`)
      })
      taps[hook].tapPromise({ name: 'later' }, async () => {
        await Promise.resolve()
        ran.push(hook)
      })
    }
    await expect(hooks.end({} as never)).rejects.toThrow('Plugin "broken" in hooks.done: wanted to finish, got disk full in done')
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await hooks.fail({} as never)
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('Plugin "broken" in hooks.failed: wanted to finish, got disk full in failed'))
    warn.mockRestore()
    expect(ran).toEqual(['done', 'failed'])
  })

  it('takes from a waterfall tap what changed, and keeps the rest', () => {
    const hooks = new HookSet()
    hooks.taps().gradients.tap({ name: 'drop' }, () => ({ gradients: new Map() }))
    expect(hooks.gradients.call({ update: 'all', gradients: new Map([['a', {} as never]]) })).toEqual({ update: 'all', gradients: new Map() })
  })
})
