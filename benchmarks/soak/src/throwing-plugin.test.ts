import { cpSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { latestCheckpoint, readCheckpoint } from '@metric-learning/checkpoints'
import type { Plugin, TappableTrainer, TrainerHooks } from '@metric-learning/core'
import { stepCompiler, type CompileMode } from '@metric-learning/ops'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differenceBetween, finishedRun, type FinishedRun } from './resume/finished-run.js'
import { PLACES, SoakRun } from './soak-run.js'

type HookName = keyof TrainerHooks
type Method = 'tap' | 'tapPromise'

const TELLS_OPEN_FILES = process.platform === 'linux'

/** Steps of an epoch. */
const STEPS = 4
/** From the next step on a plugin may throw: in the middle of the second epoch, after a checkpoint. */
const ARMED_AFTER = STEPS + 2
/** Checkpoint of the run that each case goes on with: at the end of the first epoch. */
const SAVED_BEFORE = STEPS

/** Every hook, and the step of the last checkpoint when a plugin has thrown there. */
const LAST_SAVED: Readonly<Record<HookName, number>> = {
  setup: SAVED_BEFORE,
  restored: SAVED_BEFORE,
  epochStart: SAVED_BEFORE,
  batchStart: ARMED_AFTER,
  mine: ARMED_AFTER,
  loss: ARMED_AFTER,
  gradients: ARMED_AFTER,
  exchange: ARMED_AFTER,
  updated: ARMED_AFTER,
  batchEnd: ARMED_AFTER,
  evalStart: ARMED_AFTER,
  evaluate: ARMED_AFTER,
  evalProgress: ARMED_AFTER,
  evalEnd: ARMED_AFTER,
  log: ARMED_AFTER,
  epochEnd: ARMED_AFTER,
  save: ARMED_AFTER,
  done: 2 * STEPS,
  failed: ARMED_AFTER,
}
const HOOKS = Object.keys(LAST_SAVED) as readonly HookName[]
const WITHOUT_PROMISES: ReadonlySet<HookName> = new Set(['mine', 'loss', 'gradients', 'exchange', 'updated', 'evalProgress', 'log'])

/** Throws in a hook: wherever a run begins to be set up at once, elsewhere once it is armed. */
class Thrower implements Plugin {
  readonly name = 'thrower'
  /** A field, so that a compiled step notices. */
  isArmed: boolean

  constructor(
    private readonly hook: HookName,
    private readonly method: Method,
  ) {
    this.isArmed = LAST_SAVED[hook] === SAVED_BEFORE
  }

  apply({ hooks }: TappableTrainer): void {
    hooks.batchStart.tap({ name: this.name, stage: 'measure' }, ({ step }) => {
      this.isArmed ||= step >= ARMED_AFTER
    })
    const work = (context: unknown) => {
      if (this.isArmed) throw new Error('on purpose')
      return this.hook === 'mine' || this.hook === 'gradients' ? context : undefined
    }
    const taps = hooks[this.hook] as unknown as Record<Method, (options: object, callback: (context: unknown) => unknown) => void>
    taps[this.method]({ name: this.name }, this.method === 'tap' ? work : async (context) => work(context))
  }
}

/** Ends a run in whose hook `failed` another one throws. */
const culprit: Plugin = {
  name: 'culprit',
  apply({ hooks }) {
    hooks.batchEnd.tap({ name: 'culprit' }, ({ step }) => {
      if (step > ARMED_AFTER) throw new Error('on purpose too')
    })
  },
}

/** What `failed` told a plugin, and which files were open then. */
interface Heard {
  readonly name: string
  readonly error: unknown
  readonly open: readonly string[]
}

function witness(name: string, folder: string, heard: Heard[]): Plugin {
  return {
    name,
    apply({ hooks }) {
      hooks.failed.tap({ name }, ({ error }) => {
        heard.push({ name, error, open: openFiles(folder) })
      })
    },
  }
}

const place = mkdtempSync(join(tmpdir(), 'throwing-plugin-'))
afterAll(() => rmSync(place, { recursive: true }))

/** Trains the run of a folder up to an epoch; what it ended with. */
async function train(folder: string, compile: CompileMode, epochs: number, plugins: readonly Plugin[] = []): Promise<unknown> {
  const patience = Number.MAX_SAFE_INTEGER
  const run = new SoakRun({ folder, compile, epochs: 3, stepsOfEpoch: STEPS, stepsBetweenCheckpoints: 3, patience, logEverySteps: 2, plugins })
  try {
    return await run.train(epochs).catch((error: unknown) => error)
  } finally {
    await run.dispose()
  }
}

/** Files of a folder that this process has open, as far as the system tells. */
function openFiles(folder: string): readonly string[] {
  if (!TELLS_OPEN_FILES) return []
  const open = readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      // The one that lists them.
      return []
    }
  })
  return open.filter((file) => file.startsWith(folder))
}

it('every hook of a trainer is tried', async () => {
  const run = new SoakRun({ folder: join(place, 'none'), compile: false, epochs: 1, stepsOfEpoch: 1, stepsBetweenCheckpoints: 1, patience: 1, logEverySteps: 1 })
  expect(Object.keys(run.trainer.hooks).sort()).toEqual([...HOOKS].sort())
  for (const name of HOOKS) expect('tapPromise' in run.trainer.hooks[name], name).toBe(!WITHOUT_PROMISES.has(name))
  await run.dispose()
})

describe.each<[string, CompileMode, readonly HookName[]]>([
  ['an eager run', false, HOOKS],
  ['a compiled one', 'require', stepCompiler() ? ['mine', 'loss', 'gradients', 'exchange'] : []],
])('A plugin that throws in %s', (title, compile, hooks) => {
  const begun = join(place, `${title} begun`)
  let wanted: FinishedRun
  beforeAll(async () => {
    if (hooks.length === 0) return
    expect(await train(begun, compile, 1)).toBeUndefined()
    cpSync(begun, `${begun} on`, { recursive: true })
    expect(await train(`${begun} on`, compile, 3)).toBeUndefined()
    wanted = await finishedRun(`${begun} on`)
  })

  const methodsOf = (hook: HookName): readonly Method[] => (WITHOUT_PROMISES.has(hook) ? ['tap'] : ['tap', 'tapPromise'])
  const cases = hooks.flatMap((hook) => methodsOf(hook).map((method) => [hook, method] as const))
  it.each(cases)('%s (%s) is named, files are closed, the run goes on from its last checkpoint', async (hook, method) => {
    const folder = join(place, `${title} ${hook} ${method}`)
    cpSync(begun, folder, { recursive: true })
    const heard: Heard[] = []
    const warnings: Error[] = []
    const warn = (warning: Error) => warnings.push(warning)
    process.on('warning', warn)
    const isFailed = hook === 'failed'
    const tensors = tf.memory().numTensors
    const error = await train(folder, compile, 2, [witness('before', folder, heard), new Thrower(hook, method), ...(isFailed ? [culprit] : []), witness('after', folder, heard)])
    await new Promise(setImmediate)
    process.off('warning', warn)

    const named = `Plugin "thrower" in hooks.${hook}: wanted to finish, got on purpose.`
    expect(error).toMatchObject({ code: 'ML_PLUGIN', cause: isFailed ? new Error('on purpose too') : new Error('on purpose') })
    expect((error as Error).message).toContain(isFailed ? 'Plugin "culprit" in hooks.batchEnd: wanted to finish, got on purpose too.' : named)
    expect(warnings.map(({ message }) => message)).toEqual(isFailed ? [expect.stringContaining(named)] : [])
    expect(heard.map(({ name, error: told }) => [name, told])).toEqual([
      ['before', error],
      ['after', error],
    ])
    // Loggers open theirs at the end of `setup`, and close them in `done` or `failed`, after these taps.
    const areOpen = TELLS_OPEN_FILES && hook !== 'setup' && hook !== 'restored' && hook !== 'done'
    expect(heard[0]!.open).toHaveLength(areOpen ? 3 : 0)
    expect(openFiles(folder)).toEqual([])
    expect(tf.memory().numTensors).toBe(tensors)

    const passedOver: unknown[] = []
    const last = await latestCheckpoint(join(folder, PLACES.checkpoints), (damaged) => passedOver.push(damaged))
    const { position, dispose } = await readCheckpoint(last!)
    dispose()
    expect(passedOver).toEqual([])
    expect(position.step).toBe(LAST_SAVED[hook])

    expect(await train(folder, compile, 3)).toBeUndefined()
    expect(differenceBetween(await finishedRun(folder), wanted)).toBeUndefined()
  })
})
