import { describeValue, expectNumber, isMetricLearningError, PluginError } from '@metric-learning/contracts'
import { AsyncSeriesHook, SyncHook, SyncWaterfallHook } from 'tapable'
import type * as contexts from './contexts.js'
import type { LogEntry } from './log-entry.js'
import { STAGE, type AskingTapOptions } from './taps.js'
import type { TrainerHooks } from './trainer-hooks.js'

type AnyHook = SyncHook<[never]> | SyncWaterfallHook<[never]> | AsyncSeriesHook<[never]>
type Callback = (context: unknown) => unknown

const isThenable = (value: unknown): boolean => typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'

/** Hooks of which every tap runs, whether or not those before it failed. */
const RUN_ALL: ReadonlySet<string> = new Set(['done', 'failed'])

/** Hooks whose taps run inside the step. */
const INSIDE_STEP: ReadonlySet<string> = new Set(['mine', 'loss', 'gradients', 'updated'])

/** Who asks testers what they find. */
interface Asker {
  /** Before one is asked: with the weights that training changes, or, where there are averages of them, with those? */
  asking(rawWeights: boolean): void
  /** Hears of what one found before the next is asked. */
  found(evaluation: contexts.Evaluation): Promise<void>
}

/** The hooks of one trainer: tapable's, with its traps closed. Only the trainer calls them. */
export class HookSet {
  readonly setup = new AsyncSeriesHook<[contexts.SetupContext]>(['context'], 'setup')
  readonly epochStart = new AsyncSeriesHook<[contexts.EpochStartContext]>(['context'], 'epochStart')
  readonly batchStart = new AsyncSeriesHook<[contexts.BatchStartContext]>(['context'], 'batchStart')
  readonly mine = new SyncWaterfallHook<[contexts.MineContext]>(['context'], 'mine')
  readonly loss = new SyncHook<[contexts.LossContext]>(['context'], 'loss')
  readonly gradients = new SyncWaterfallHook<[contexts.GradientContext]>(['context'], 'gradients')
  readonly exchange = new SyncHook<[contexts.ExchangeContext]>(['context'], 'exchange')
  readonly updated = new SyncHook<[contexts.UpdatedContext]>(['context'], 'updated')
  readonly batchEnd = new AsyncSeriesHook<[contexts.BatchEndContext]>(['context'], 'batchEnd')
  readonly epochEnd = new AsyncSeriesHook<[contexts.EpochEndContext]>(['context'], 'epochEnd')
  readonly evaluate = new AsyncSeriesHook<[contexts.EvaluateContext]>(['context'], 'evaluate')
  readonly evalStart = new AsyncSeriesHook<[contexts.EvalStartContext]>(['context'], 'evalStart')
  readonly evalProgress = new SyncHook<[contexts.EvalProgressContext]>(['context'], 'evalProgress')
  readonly evalEnd = new AsyncSeriesHook<[contexts.EvalEndContext]>(['context'], 'evalEnd')
  readonly log = new SyncHook<[LogEntry]>(['entry'], 'log')
  readonly save = new AsyncSeriesHook<[contexts.SaveContext]>(['context'], 'save')
  readonly restored = new AsyncSeriesHook<[contexts.RestoredContext]>(['context'], 'restored')
  readonly done = new AsyncSeriesHook<[contexts.DoneContext]>(['context'], 'done')
  readonly failed = new AsyncSeriesHook<[contexts.FailedContext]>(['context'], 'failed')

  /** Steps between two questions within an epoch, of each tap of `evaluate` that has them. */
  readonly #intervals = new Set<number>()
  /** Who asks the taps of `evaluate`. */
  #asker: Asker | undefined
  /** What taps of `done` or `failed` threw, as they are run. */
  #errors: Error[] = []
  /** The plugin that is being applied. */
  #applied: string | undefined
  readonly #insideStep = new Set<string>()
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

  /** Lets a plugin tap. */
  apply(plugin: string, work: () => unknown): void {
    this.#applied = plugin
    try {
      if (!isThenable(work())) return
      throw new PluginError({
        who: `Plugin "${plugin}"`,
        wanted: 'a synchronous `apply`',
        got: 'an async one, which would still tap when the run has begun',
        fix: 'Tap at once, and do what takes time in hooks.setup.',
      })
    } finally {
      this.#applied = undefined
    }
  }

  /** Names of the plugins that tap inside the step, whatever their taps are called. */
  get pluginsInsideStep(): ReadonlySet<string> {
    return this.#insideStep
  }

  /** Whether a tester wants to be asked after this step, within an epoch. */
  asksAfter(step: number): boolean {
    return [...this.#intervals].some((everySteps) => step % everySteps === 0)
  }

  /** Whether plugins can tap no more. */
  get isFrozen(): boolean {
    return this.#frozen
  }

  /** Asks the testers that are due, one after the other. */
  async ask(context: contexts.EvaluateContext, asker: Asker): Promise<void> {
    this.#asker = asker
    await this.evaluate.promise(context)
  }

  /**
   * Runs all taps of `done`.
   *
   * @throws the first error of a tap, once all have run.
   */
  async end(context: contexts.DoneContext): Promise<void> {
    this.#errors = []
    await this.done.promise(context)
    const [first] = this.#errors
    if (first) throw first
  }

  /** Runs all taps of `failed`. Their own errors become warnings. */
  async fail(context: contexts.FailedContext): Promise<void> {
    this.#errors = []
    await this.failed.promise(context)
    for (const { message } of this.#errors) globalThis.process?.emitWarning(message)
  }

  #guarded(hookName: string, hook: AnyHook) {
    // tapable's hooks have no prototype for `instanceof`, but they know their constructor.
    const waterfall = hook.constructor === SyncWaterfallHook
    const awaited = hook.constructor === AsyncSeriesHook
    const register = (method: 'tap' | 'tapPromise', options: AskingTapOptions, callback: Callback) => {
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
      if (this.#applied !== undefined && INSIDE_STEP.has(hookName)) this.#insideStep.add(this.#applied)
      const checked = method === 'tap' ? checkedSync(name, hookName, callback, { waterfall, awaited }) : checkedAsync(name, hookName, callback)
      const run = awaited ? this.#collecting(name, hookName, hookName === 'evaluate' ? this.#whenDue(options, checked) : checked) : checked
      const tapable = hook as unknown as Record<'tap' | 'tapPromise', (options: object, fn: Callback) => void>
      tapable[awaited ? 'tapPromise' : 'tap']({ name, stage: STAGE[stage] }, run)
    }
    return Object.freeze({
      tap: (options: AskingTapOptions, callback: Callback) => register('tap', options, callback),
      ...(awaited
        ? { tapPromise: (options: AskingTapOptions, callback: Callback) => register('tapPromise', options, callback) }
        : {}),
    })
  }

  /** Within an epoch a tester is asked after every so many steps, if it wants to be. */
  #whenDue({ name: plugin, everySteps, rawWeights = false }: AskingTapOptions, callback: Callback): Callback {
    if (everySteps !== undefined) {
      expectNumber(`Plugin "${plugin}" in hooks.evaluate`, 'everySteps', everySteps, { min: 1, integer: true })
      this.#intervals.add(everySteps)
    }
    return (context) => {
      const { withinEpoch, step } = context as contexts.EvaluateContext
      if (withinEpoch && (everySteps === undefined || step % everySteps !== 0)) return undefined
      this.#asker?.asking(rawWeights)
      return callback(context)
    }
  }

  /** Passes on what a tap of `evaluate` gives back, keeps the error of one whose hook runs all taps. */
  #collecting(plugin: string, hookName: string, callback: Callback): Callback {
    return async (context) => {
      try {
        const answer = await callback(context)
        if (hookName === 'evaluate' && answer !== undefined) await this.#asker?.found(expectEvaluation(plugin, answer))
      } catch (error) {
        if (!RUN_ALL.has(hookName)) throw error
        this.#errors.push(error as Error)
      }
    }
  }
}

/** What a tester found, as loggers and plots rely on it. */
function expectEvaluation(plugin: string, answer: unknown): contexts.Evaluation {
  const { tester, metrics, seconds } = (answer ?? {}) as Partial<contexts.Evaluation>
  const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null
  const areNumbers = isRecord(metrics) && Object.values(metrics).every((found) => isRecord(found) && Object.values(found).every((value) => typeof value === 'number' || value === null))
  if (typeof tester === 'string' && areNumbers && typeof seconds === 'number') return answer as contexts.Evaluation
  throw new PluginError({
    who: `Plugin "${plugin}" in hooks.evaluate`,
    wanted: 'an evaluation, `{ tester, metrics: { split: { metric: number or null } }, seconds }`, or undefined',
    got: isRecord(answer) ? `an object with ${Object.keys(answer).join(', ') || 'nothing'}` : describeValue(answer),
    fix: 'Return what the tester found; `undefined` when it is not due.',
  })
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
    const keys = typeof result === 'object' && result !== null ? Object.keys(result) : []
    if (waterfall && (keys.length === 0 || !keys.every((key) => key in (context as object)))) {
      throw new PluginError({
        who: `Plugin "${plugin}" in hooks.${hook}`,
        wanted: `the context for the next tap as return value, or some of ${Object.keys(context as object).join(', ')}`,
        got: keys.length === 0 ? describeValue(result) : `an object with ${keys.join(', ')}`,
        fix: 'Return the context as it came, or what of it changed.',
      })
    }
    return waterfall ? { ...(context as object), ...(result as object) } : result
  }
}

function checkedAsync(plugin: string, hook: string, callback: Callback): Callback {
  return async (context) => {
    try {
      return await callback(context)
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

/** An error of this library says what is wrong already, and gets plugin and hook beside it; any other becomes one that names them. */
function named(plugin: string, hook: string, error: unknown): Error {
  if (isMetricLearningError(error)) return error.code === 'ML_PLUGIN' || error.parts.where !== undefined ? error : error.in(`hooks.${hook} of plugin "${plugin}"`)
  return new PluginError({
    who: `Plugin "${plugin}" in hooks.${hook}`,
    wanted: 'to finish',
    got: error instanceof Error ? error.message : String(error),
    fix: 'See the cause for the stack.',
    cause: error,
  })
}
