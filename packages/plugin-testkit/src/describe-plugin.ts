import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, isStateful, type State, type Stateful } from '@metric-learning/contracts'
import type { Plugin, RunState, Stage, TappableTrainer, TrainerHooks } from '@metric-learning/core'
import { stepCompiler } from '@metric-learning/ops'
import { describe, vi } from 'vitest'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { ConformanceError, describeError, exactly, expectNumbers, expectRefused, expectThat, type Tolerance } from './expectations.js'
import { expectPlain, throughFile } from './expect-state.js'
import { expectSetUp, noCompiler } from './expect-set-up.js'
import { LeftBehind } from './left-behind.js'
import { refuseReads } from './refuse-reads.js'
import { TOY_STEPS, ToyRun, type ToyOptions } from './toy-run.js'

/** What {@link describePlugin} checks. */
export const PLUGIN_CHECKS = {
  name: { title: 'has a name, the same in every object', look: '`name`: errors show it, and checkpoints find the state of a plugin by it.' },
  taps: { title: 'taps hooks under its own name, at once', look: 'apply(): `hooks.….tap({ name: this.name }, …)`; a plugin that taps inside the step under another name is not guarded.' },
  run: { title: 'lets a run come to its end', look: 'the tap that the error names; what a plugin needs beyond a trainer is for its options.' },
  watching: { title: 'changes nothing of the training', look: 'taps of mine, loss, gradients and exchange, and assignments to parameters. A plugin that is there to change training skips this.' },
  hostReads: { title: 'reads nothing back from the device in the step', look: '`dataSync` and `arraySync` in taps of mine, loss and gradients: read in `batchEnd`, whose `loss()` is there for it.' },
  compile: { title: 'does the same in compiled steps', look: 'what taps of mine, loss and gradients decide on the host from step to step: let it enter as a variable or a `Scheduled`.' },
  tensors: { title: 'leaves no tensor behind', look: '`tf.keep` and `tf.variable` in taps: free them in `done` and in `failed`.' },
  files: { title: 'closes its files when the run is done, stopped or has failed', look: 'taps of `done`, which comes after a stop, too, and of `failed`, which comes in place of it.' },
  listeners: { title: 'takes its listeners off when the run is done, stopped or has failed', look: '`process.on` in taps: `process.off` belongs into `done` and `failed`.' },
  failure: { title: 'lets the error of a run that fails through', look: 'taps of `failed`: they close and free, and throw nothing, also where `setup` never came.' },
  state: { title: 'has a state that comes back', look: '`state()` and `restore()`: plain values, and tensors by name.' },
  resume: { title: 'goes on in a resumed run as if nothing had happened', look: 'what taps keep in fields, and whether all of it is in `state()`.' },
  mistakes: { title: 'refuses mistakes with an error of this library', look: 'the factory or constructor: `expectKnownOptions`, `expectText` and `expectNumber` of contracts.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describePlugin}. */
export type PluginCheck = keyof typeof PLUGIN_CHECKS

/** How a plugin is tried. */
export interface PluginConformance {
  /** Makes the plugin, each time for another run; where it writes, to a place of its own. */
  readonly create: () => Plugin
  /** Frees what the plugin holds beyond a run. Default nothing. */
  readonly dispose?: (plugin: Plugin) => void
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<PluginCheck>
}

/**
 * Whether a plugin keeps its contract, in small runs of a trainer: it taps under its name, changes what it says alone, in compiled
 * steps too, leaves nothing behind when a run ends, is stopped or fails, and goes on in a run that is resumed.
 *
 * The runs log everything that a trainer logs, and have a split `val` that is judged by `precisionAt1`.
 *
 * @example describePlugin('clipGradients', { create: () => clipGradients(1), skip: { watching: 'it clips gradients' } })
 */
export function describePlugin(name: string, conformance: PluginConformance): void {
  expectKnownOptions('describePlugin', conformance, ['create', 'dispose', 'mistakes', 'skip'])
  const { create, dispose, mistakes = {}, skip = {} } = conformance
  const check = checksOf('describePlugin', PLUGIN_CHECKS, skip)

  describe(name, () => {
    /** Makes a plugin and a run of it, and frees both. */
    const inRun = async (work: (run: ToyRun, plugin: Plugin) => Promise<void>, options: Omit<ToyOptions, 'plugins'> & { readonly before?: Plugin; readonly after?: Plugin } = {}) => {
      const { before, after, ...others } = options
      expectSetUp(name)
      const plugin = create()
      const run = new ToyRun({ ...others, plugins: [before, plugin, after] })
      try {
        await work(run, plugin)
      } finally {
        run.dispose()
        dispose?.(plugin)
      }
    }

    check('name', () => {
      const [one, another] = [create(), create()]
      expectThat(typeof one.name === 'string' && one.name !== '', { what: '`name`', wanted: 'a text', got: JSON.stringify(one.name) ?? 'undefined' })
      expectThat(one.name === another.name, { what: '`name` of a second one', wanted: `"${one.name}", as the first`, got: `"${another.name}"` })
      dispose?.(one)
      dispose?.(another)
    })

    check('taps', () => {
      expectSetUp(name)
      const plugin = create()
      const tapped: string[] = []
      const listening: Plugin = { name: plugin.name, apply: (trainer) => plugin.apply(withTaps(trainer, tapped)) as undefined }
      new ToyRun({ plugins: [listening] }).dispose()
      dispose?.(plugin)
      expectThat(tapped.length > 0, { what: 'taps in apply()', wanted: 'at least one', got: 'none: the plugin does nothing' })
      const other = tapped.find((tap) => tap !== plugin.name)
      expectThat(other === undefined, { what: 'names of its taps', wanted: `"${plugin.name}", as \`name\``, got: `"${other}"` })
    })

    check('run', async () => {
      await inRun(async (run) => {
        const error = await errorOf(() => run.train(2))
        expectThat(error === undefined, { what: 'a run of two epochs', wanted: 'to come to its end', got: describeError(error) })
      })
    })

    check('watching', async () => {
      await inRun(async (run) => {
        await run.train(2)
        expectValues('after two epochs with the plugin', run, await trainedAlone(run.trainer.step), 'without it')
      })
    })

    check('hostReads', async () => {
      // Its taps stand between those of the two others.
      let allow: (() => void) | undefined
      const begin = insideStep('refuse reads', 'measure', () => {
        allow ??= refuseReads()
      })
      const end = insideStep('allow reads', 'save', () => {
        allow?.()
        allow = undefined
      })
      try {
        await inRun((run) => run.train(1), { before: begin, after: end })
      } finally {
        ;(allow as (() => void) | undefined)?.()
      }
    })

    check('compile', async () => {
      let eager: ReadonlyMap<string, Float32Array> = new Map()
      await inRun(async (run) => {
        await run.train(2)
        eager = run.values()
      })
      await inRun(async (run) => {
        await run.train(2)
        expectValues('after two epochs of compiled steps', run, eager, 'operation by operation', { atol: 1e-5, rtol: 1e-4 })
      }, { compile: stepCompiler() ? 'require' : false })
    }, { unavailable: noCompiler() })

    check('tensors', async () => {
      await inRun((run) => run.train(1))
      const before = tf.memory().numTensors
      await inRun((run) => run.train(1))
      await failingRun()
      const left = tf.memory().numTensors - before
      expectThat(left === 0, { what: 'tensors after a run that ended and one that failed', wanted: 'as many as before', got: `${left} more` })
    })

    /** A run in which something else fails at its third step. */
    const failingRun = async (): Promise<void> => {
      const failing = tapping('failing', ({ hooks }) => {
        hooks.batchStart.tap({ name: 'failing' }, ({ step }) => {
          if (step === 2) throw new Error(FAILURE)
          return undefined
        })
      })
      await inRun(async (run) => {
        const error = await errorOf(() => run.train(2))
        const isThat = error instanceof Error && error.message.includes(FAILURE)
        expectThat(isThat, { what: 'a run in which another plugin failed', wanted: `its error: ${FAILURE}`, got: error === undefined ? 'none' : describeError(error) })
      }, { before: failing })
    }
    /** Each way in which a run may end. */
    const ends: Readonly<Record<string, () => Promise<void>>> = {
      'after a run that came to its end': () => inRun((run) => run.train(1)),
      'after a run that was stopped': () =>
        inRun(async ({ trainer }) => {
          for await (const { step } of trainer.steps({ epochs: 2 })) if (step === 2) break
        }),
      'after a run that failed': failingRun,
    }

    check('files', async () => {
      for (const [when, end] of Object.entries(ends)) {
        const left = new LeftBehind()
        await end()
        left.expectNoFile(when)
      }
    }, { unavailable: LeftBehind.noFiles() })

    check('listeners', async () => {
      await inRun((run) => run.train(1))
      for (const [when, end] of Object.entries(ends)) {
        const left = new LeftBehind()
        await end()
        left.expectNoListener(when)
      }
    })

    check('failure', async () => {
      const warnings: string[] = []
      const spy = vi.spyOn(process, 'emitWarning').mockImplementation(((warning: string | Error) => void warnings.push(String(warning))) as never)
      try {
        await failingRun()
        const early = tapping('failing', ({ hooks }) => {
          hooks.setup.tap({ name: 'failing', stage: 'measure' }, () => {
            throw new Error(FAILURE)
          })
        })
        await inRun(async (run) => {
          const error = await errorOf(() => run.train(1))
          expectThat(error instanceof Error && error.message.includes(FAILURE), { what: 'a run in whose setup another plugin failed', wanted: `its error: ${FAILURE}`, got: describeError(error) })
        }, { before: early })
      } finally {
        spy.mockRestore()
      }
      const own = warnings.find((warning) => warning.includes('hooks.failed'))
      expectThat(own === undefined, { what: 'its taps of `failed`', wanted: 'to finish', got: String(own) })
    })

    check('state', async () => {
      await inRun(async (run, plugin) => {
        await run.train(1)
        const state = await run.trainer.state()
        const section = sectionOf(state, plugin)
        if (section === undefined) return
        expectPlain('state()', section)
        const saved = throughFile(section)
        const tensors = new Map([...(saved.tensors ?? [])].map(([key, tensor]) => [key, tf.clone(tensor)]))
        await inRun(async (resumed, other) => {
          await resumed.trainer.restore({ ...runThroughFile(state), [`plugins.${other.name}`]: { ...saved, tensors } })
          const again = (other as Plugin & Stateful).state()
          expectThat(JSON.stringify(again.values ?? {}) === JSON.stringify(saved.values ?? {}), {
            what: 'the values of state() after restore()',
            wanted: JSON.stringify(saved.values ?? {}),
            got: JSON.stringify(again.values ?? {}),
          })
          for (const [key, tensor] of again.tensors ?? []) {
            expectNumbers({ what: `"${key}" of state() after restore()`, actual: tensor.dataSync() as Float32Array, wanted: (tensors.get(key)?.dataSync() ?? []) as Float32Array, as: 'saved', shape: tensor.shape, tolerance: exactly })
          }
        })
        tf.dispose([...tensors.values()])
      })
    })

    check('resume', async () => {
      let whole: ReadonlyMap<string, Float32Array> = new Map()
      let steps = 0
      await inRun(async (run) => {
        await run.train(3)
        whole = run.values()
        steps = run.trainer.step
      })
      await inRun(async (run) => {
        // Within the second epoch, where nothing ends of itself.
        const cut = Math.min(TOY_STEPS + 2, steps)
        for await (const { step } of run.trainer.steps({ epochs: 3 })) if (step === cut) break
        const state = await run.trainer.state()
        await inRun(async (resumed) => {
          await resumed.trainer.restore(runThroughFile(state))
          await resumed.train(3)
          expectValues(`after three epochs, resumed at step ${cut}`, resumed, whole, 'without a break')
        })
      })
    })

    for (const [mistake, make] of Object.entries(mistakes)) check('mistakes', () => {
      expectRefused(mistake, make)
    }, { of: mistake })
  })
}

const FAILURE = 'the failure that this check made'
/** Does something in each hook inside the step. */
const insideStep = (name: string, stage: Stage, work: () => void): Plugin =>
  tapping(name, ({ hooks }) => {
    hooks.mine.tap({ name, stage }, (context) => {
      work()
      return context
    })
    hooks.loss.tap({ name, stage }, () => work() as undefined)
    hooks.gradients.tap({ name, stage }, (context) => {
      work()
      return context
    })
  })
const tapping = (name: string, apply: Plugin['apply']): Plugin => ({ name, apply })

/** What a toy run without plugins has learned after some steps. */
async function trainedAlone(steps: number): Promise<ReadonlyMap<string, Float32Array>> {
  const run = new ToyRun({})
  for await (const { step } of run.trainer.steps({ epochs: 2 })) if (step === steps) break
  const values = run.values()
  run.dispose()
  return values
}

function expectValues(when: string, run: ToyRun, wanted: ReadonlyMap<string, Float32Array>, as: string, tolerance: Tolerance = exactly): void {
  for (const [parameter, actual] of run.values()) {
    expectNumbers({ what: `the parameter "${parameter}" ${when}`, actual, wanted: wanted.get(parameter) ?? [], as, tolerance })
  }
}

/** The state of a plugin in that of a run. */
const sectionOf = (state: RunState, plugin: Plugin): State | undefined => (isStateful(plugin) ? state[`plugins.${plugin.name}`] : undefined)

/** The values of a run's state as they come out of a file. */
const runThroughFile = (state: RunState): RunState => Object.fromEntries(Object.entries(state).map(([section, of]) => [section, throughFile(of)])) as RunState

async function errorOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    if (error instanceof ConformanceError) throw error
    return error
  }
  return undefined
}

/** The trainer as a plugin sees it, noting who taps. */
function withTaps(trainer: TappableTrainer, tapped: string[]): TappableTrainer {
  const noting = (taps: object): object =>
    Object.fromEntries(
      Object.entries(taps as Readonly<Record<string, (options: { readonly name: string }, ...rest: unknown[]) => unknown>>).map(([method, tap]) => [
        method,
        (options: { readonly name: string }, ...rest: unknown[]) => {
          tapped.push(options.name)
          return tap(options, ...rest)
        },
      ]),
    )
  const hooks = new Proxy({}, { get: (_, hook) => noting(trainer.hooks[hook as keyof TrainerHooks]) })
  return new Proxy(trainer, {
    get: (target, key) => {
      if (key === 'hooks') return hooks
      const value = Reflect.get(target, key, target) as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
