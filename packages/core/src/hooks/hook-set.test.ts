import { describe, expect, expectTypeOf, it } from 'vitest'
import type { SetupContext } from './contexts.js'
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
    expect(() => taps['epochend']).toThrow('wanted one of setup, epochStart, batchStart, mine, loss, gradients, batchEnd')
  })

  it('refuses unknown stages and late taps', () => {
    const hooks = new HookSet()
    const taps = hooks.taps()
    const nothing = () => undefined
    expect(() => {
      taps.setup.tap({ name: 'p', stage: 'last' as never }, nothing)
    }).toThrow('a stage out of measure, default, report, got "last"')
    hooks.freeze()
    expect(() => {
      taps.setup.tap({ name: 'p' }, nothing)
    }).toThrow('a tap after the run has begun')
  })
})
