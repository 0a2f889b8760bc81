import { AsyncSeriesHook, SyncHook, SyncWaterfallHook } from 'tapable'
import { MetricLearningError, NonFiniteError, PluginError } from '@metric-learning/contracts'
import type * as contexts from './contexts.js'
import { STAGE } from './stage.js'
import type { TapOptions } from './taps.js'
import type { TrainerHooks } from './trainer-hooks.js'

type AnyHook = SyncHook<[never]> | SyncWaterfallHook<[never]> | AsyncSeriesHook<[never]>
type Callback = (context: unknown) => unknown

const isThenable = (value: unknown): boolean => typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'

/** The hooks of one trainer: tapable's, with its traps closed. Only the trainer calls them. */
export class HookSet {
  readonly setup = new AsyncSeriesHook<[contexts.SetupContext]>(['context'], 'setup')
  readonly epochStart = new AsyncSeriesHook<[contexts.EpochStartContext]>(['context'], 'epochStart')
  readonly batchStart = new AsyncSeriesHook<[contexts.BatchStartContext]>(['context'], 'batchStart')
  readonly mine = new SyncWaterfallHook<[contexts.MineContext]>(['context'], 'mine')
  readonly loss = new SyncHook<[contexts.LossContext]>(['context'], 'loss')
  readonly gradients = new SyncWaterfallHook<[contexts.GradientContext]>(['context'], 'gradients')
  readonly batchEnd = new AsyncSeriesHook<[contexts.BatchEndContext]>(['context'], 'batchEnd')
  readonly epochEnd = new AsyncSeriesHook<[contexts.EpochEndContext]>(['context'], 'epochEnd')
  readonly evalStart = new AsyncSeriesHook<[contexts.EvalStartContext]>(['context'], 'evalStart')
  readonly evalEnd = new AsyncSeriesHook<[contexts.EvalEndContext]>(['context'], 'evalEnd')
  readonly log = new SyncHook<[contexts.LogEntry]>(['entry'], 'log')
  readonly done = new AsyncSeriesHook<[contexts.DoneContext]>(['context'], 'done')
  readonly failed = new AsyncSeriesHook<[contexts.FailedContext]>(['context'], 'failed')

  #frozen = false

  /** What plugins see: taps only, one frozen object. An unknown name throws and lists those that exist. */
  taps(): TrainerHooks {
    const taps = Object.fromEntries(
      Object.entries(this).map(([name, hook]) => [name, this.#guarded(name, hook as AnyHook)]),
    )
    return new Proxy(Object.freeze(taps), {
      get: (target, name) => {
        if (typeof name === 'string' && !(name in target) && name !== 'then') {
          throw new PluginError({
            who: 'trainer.hooks',
            wanted: `one of ${Object.keys(target).join(', ')}`,
            got: `"${name}"`,
            fix: 'Tap a hook that exists.',
          })
        }
        return Reflect.get(target, name) as unknown
      },
    }) as unknown as TrainerHooks
  }

  /** After this no plugin can tap any more. */
  freeze(): void {
    this.#frozen = true
  }

  /** Whether others than the `objectives` of the trainer itself run inside the step. */
  areTappedInsideStep(objectives: number): boolean {
    return this.mine.taps.length + this.gradients.taps.length > 0 || this.loss.taps.length > objectives
  }

  #guarded(hookName: string, hook: AnyHook) {
    // tapable's hooks have no prototype for `instanceof`, but they know their constructor.
    const waterfall = hook.constructor === SyncWaterfallHook
    const awaited = hook.constructor === AsyncSeriesHook
    const register = (method: 'tap' | 'tapPromise', options: TapOptions, callback: Callback) => {
      const { name, stage = 'default' } = options
      if (this.#frozen) {
        throw new PluginError({
          who: `Plugin "${name}"`,
          wanted: `to tap hooks.${hookName} from apply(trainer)`,
          got: 'a tap after the run has begun',
          fix: 'Tap in `apply`, and give the plugin to `new Trainer({ plugins })`.',
        })
      }
      if (!(stage in STAGE)) {
        throw new PluginError({
          who: `Plugin "${name}" in hooks.${hookName}`,
          wanted: `a stage out of ${Object.keys(STAGE).join(', ')}`,
          got: `"${stage}"`,
          fix: 'Name one of these stages, or leave it out.',
        })
      }
      const run = method === 'tap' ? checkedSync(name, hookName, callback, { waterfall, awaited }) : checkedAsync(name, hookName, callback)
      const tapable = hook as unknown as Record<typeof method, (options: object, fn: Callback) => void>
      tapable[method]({ name, stage: STAGE[stage] }, run)
    }
    return Object.freeze({
      tap: (options: TapOptions, callback: Callback) => register('tap', options, callback),
      ...(awaited
        ? { tapPromise: (options: TapOptions, callback: Callback) => register('tapPromise', options, callback) }
        : {}),
    })
  }
}

function checkedSync(
  plugin: string,
  hook: string,
  callback: Callback,
  { waterfall, awaited }: { readonly waterfall: boolean; readonly awaited: boolean },
): Callback {
  return (context) => {
    const result = attempt(plugin, hook, () => callback(context))
    if (isThenable(result)) {
      void (result as Promise<unknown>).then(undefined, () => undefined)
      throw new PluginError({
        who: `Plugin "${plugin}" in hooks.${hook}`,
        wanted: 'a synchronous function for tap()',
        got: 'an async one, which would be neither awaited nor caught',
        fix: awaited ? 'Use tapPromise().' : 'This hook is synchronous: do the work without await.',
      })
    }
    if (waterfall && result === undefined) {
      throw new PluginError({
        who: `Plugin "${plugin}" in hooks.${hook}`,
        wanted: 'the context for the next tap as return value',
        got: 'undefined',
        fix: 'Return the context, changed (`{ ...context, … }`) or as it came.',
      })
    }
    return result
  }
}

function checkedAsync(plugin: string, hook: string, callback: Callback): Callback {
  return async (context) => {
    try {
      await callback(context)
    } catch (error) {
      throw named(plugin, hook, error)
    }
  }
}

function attempt(plugin: string, hook: string, work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    throw named(plugin, hook, error)
  }
}

function named(plugin: string, hook: string, error: unknown): Error {
  // A diverged run is no fault of the plugin that notices it.
  if (error instanceof PluginError || error instanceof NonFiniteError) return error
  return new PluginError({
    who: `Plugin "${plugin}" in hooks.${hook}`,
    wanted: 'to finish',
    got: error instanceof Error ? error.message : String(error),
    fix: error instanceof MetricLearningError ? `It failed with ${error.code}.` : 'See the cause for the stack.',
    cause: error,
  })
}
