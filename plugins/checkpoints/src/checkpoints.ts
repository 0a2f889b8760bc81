import { access, constants, mkdir, readdir, realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { OptionError, type State, type Stateful } from '@metric-learning/contracts'
import type { LogEntry, Plugin, Trainer } from '@metric-learning/core'
import { CheckpointError, systemError } from './checkpoint-error.js'
import { checkedOptions, type CheckpointsOptions } from './checkpoints-options.js'
import { FolderLock } from './folder-lock.js'
import { MANIFEST, type CheckpointPosition } from './format/manifest.js'
import { KeptMetric } from './kept-metric.js'
import { readCheckpoint } from './read-checkpoint.js'
import { isAmongBest, superfluous } from './retention.js'
import { latestCheckpoint, listCheckpoints, nextCheckpointFolder } from './run-folder.js'
import { StopSignals } from './stop-signals.js'
import { removeCheckpoint, writeCheckpoint } from './write-checkpoint.js'

/**
 * A plugin that saves all of a run's state, keeps the last and the best checkpoints, and goes on from one of them: with the
 * same options a run that was killed at any moment goes on as if nothing had happened.
 *
 * It saves after every other tap of `batchEnd`, `epochEnd` and `done`: as often as the options say, and where the run ends, by
 * itself or by a signal. An older checkpoint goes when the new one is in its place. A save that fails ends the run with an
 * error that names file and reason; what was saved before stays.
 *
 * @throws {OptionError} when an option is unknown, missing or out of range; in `setup`, when `folder` has checkpoints of another
 * run than the one that is resumed; at the end of the run, when the metric of `keepBest` never came.
 * @throws {StateError} in `setup`, and at the start of an epoch, when another run that has not ended writes into `folder`; at a save,
 * when one has taken it over.
 * @throws {CheckpointError} in `setup`, when what is to be resumed is damaged, or `folder` can't be written; at a save, when it fails.
 * @example new Trainer({ ...parts, plugins: [tester, checkpoints({ folder: 'runs/first/checkpoints', everySteps: 500, resume: true })] })
 */
export function checkpoints(options: CheckpointsOptions): Plugin & Stateful {
  return new Checkpoints(checkedOptions(options))
}

class Checkpoints implements Plugin, Stateful {
  readonly name: string
  readonly #options: ReturnType<typeof checkedOptions>
  /** What was logged last, all of it at one step. */
  #logged: { readonly step: number; readonly metrics: Map<string, number> } = { step: -1, metrics: new Map() }
  /** Where the run stood when it was saved or resumed last. */
  #savedAt: CheckpointPosition | undefined
  /** When that was, in milliseconds. */
  #savedWhen = performance.now()
  readonly #keptMetric: KeptMetric | undefined
  readonly #lock: FolderLock

  constructor(options: ReturnType<typeof checkedOptions>) {
    this.#options = options
    this.name = options.name
    const { name, folder, keepBest, say } = options
    this.#keptMetric = keepBest && new KeptMetric(keepBest.metric, say)
    this.#lock = new FolderLock(name, folder, say)
  }

  apply(trainer: Trainer): void {
    const { hooks } = trainer
    const { everySteps, everyEpochs, onSignal, say } = this.#options
    const save = { name: this.name, stage: 'save' } as const
    const signals = new StopSignals((signal) => {
      say(`${signal}: the run ends after this step, with a checkpoint; a second signal ends it at once.`)
      trainer.stop(signal)
    })
    const listen = (): undefined => {
      if (onSignal) signals.listen()
    }
    hooks.setup.tapPromise({ name: this.name, stage: 'measure' }, async () => {
      await this.#prepare(trainer)
      listen()
      this.#savedWhen = performance.now()
    })
    // A run that goes on is not set up again.
    hooks.epochStart.tapPromise({ name: this.name, stage: 'measure' }, async () => {
      await this.#lock.take()
      listen()
    })
    hooks.log.tap({ name: this.name }, (entry) => this.#log(entry))
    this.#keptMetric?.apply(trainer, this.name)
    let evaluated = -1
    hooks.evalEnd.tap({ name: this.name }, ({ step }) => {
      evaluated = step
      return undefined
    })
    hooks.batchEnd.tapPromise(save, async ({ step, stepInEpoch, steps }) => {
      const isStep = everySteps !== undefined && step % everySteps === 0
      const isJudged = evaluated === step && stepInEpoch < steps
      if (isStep || this.#isTime() || (isJudged && (await this.#isBest(trainer)))) await this.#save(trainer)
    })
    hooks.epochEnd.tapPromise(save, async ({ epoch }) => {
      const isEpoch = everyEpochs !== undefined && epoch % everyEpochs === 0
      if (isEpoch || (await this.#isBest(trainer))) await this.#save(trainer)
    })
    hooks.done.tapPromise(save, async ({ stopReason }) => {
      try {
        await this.#save(trainer)
        this.#keptMetric?.expectAtEnd(stopReason)
      } finally {
        signals.end()
        await this.#lock.release()
      }
    })
    hooks.failed.tapPromise(save, async () => {
      signals.end()
      await this.#lock.release()
    })
  }

  state(): State {
    const { step, metrics } = this.#logged
    return { values: { step, metrics: Object.fromEntries(metrics), tags: this.#keptMetric?.tags ?? [] } }
  }

  restore({ values = {} }: State): void {
    const { step, metrics, tags = [] } = values as { step: number; metrics: Readonly<Record<string, number>>; tags?: readonly string[] }
    this.#logged = { step, metrics: new Map(Object.entries(metrics)) }
    this.#keptMetric?.restore(tags)
  }

  #log(entry: LogEntry): undefined {
    if (entry.kind !== 'scalar') return
    const { tag, step, value } = entry
    if (step !== this.#logged.step) this.#logged = { step, metrics: new Map() }
    this.#logged.metrics.set(tag, value)
  }

  /** What was measured at this very step. */
  #metrics({ step }: Trainer): Readonly<Record<string, number>> {
    return this.#logged.step === step ? Object.fromEntries(this.#logged.metrics) : {}
  }

  async #prepare(trainer: Trainer): Promise<void> {
    const { folder, resume, say } = this.#options
    try {
      await mkdir(folder, { recursive: true })
      await access(folder, constants.W_OK)
    } catch (error) {
      throw systemError(this.name, 'unwritable', folder, error)
    }
    await this.#lock.take()
    if (resume === false) await expectNewRun(folder)
    else {
      const from = await this.#resumable(resume)
      if (from !== undefined && !(await isInside(from, folder))) await expectNewRun(folder)
      if (from === undefined) say(`No checkpoint to resume in ${folder}: a new run.`)
      else await this.#resume(trainer, from)
    }
  }

  /** Path of the checkpoint to go on from. */
  async #resumable(resume: true | string): Promise<string | undefined> {
    const { folder, say } = this.#options
    const tell = (error: CheckpointError) => say(`Passed over a checkpoint. ${error.message}`)
    if (resume === true) return latestCheckpoint(folder, tell)
    const names = await resumableFolder(this.name, resume)
    const latest = await latestCheckpoint(resume, tell)
    // A damaged checkpoint may lack any of its files.
    const isCheckpoint = names.some((name) => name === MANIFEST || name === 'state.json' || name.endsWith('.safetensors'))
    if (latest === undefined && !isCheckpoint) throw nothingToResume(this.name, resume, 'a folder without any')
    return latest ?? resume
  }

  async #resume(trainer: Trainer, from: string): Promise<void> {
    const checkpoint = await readCheckpoint(from)
    try {
      await trainer.restore(checkpoint.state)
    } finally {
      checkpoint.dispose()
    }
    const { epoch, batch, step } = checkpoint.position
    this.#savedAt = checkpoint.position
    this.#options.say(`Resumed ${from}: ${epoch} epochs and ${batch} batches done, ${step} steps in all.`)
  }

  #isTime(): boolean {
    const { everyMinutes } = this.#options
    return everyMinutes !== undefined && performance.now() - this.#savedWhen >= everyMinutes * 60_000
  }

  async #isBest(trainer: Trainer): Promise<boolean> {
    const { folder, keepBest } = this.#options
    if (!keepBest) return false
    return isAmongBest(this.#metrics(trainer)[keepBest.metric], await listCheckpoints(folder), keepBest)
  }

  /** Saves, unless the run stands where it stood at the last save; then removes what need not be kept. */
  async #save(trainer: Trainer): Promise<void> {
    const { folder, keepLast, keepBest } = this.#options
    const position = { ...trainer.position, step: trainer.step }
    if (isSame(position, this.#savedAt)) return
    const metrics = this.#metrics(trainer)
    await this.#lock.expectHeld()
    await writeCheckpoint(await nextCheckpointFolder(folder, position), await trainer.state(), { position, metrics })
    this.#savedAt = position
    this.#savedWhen = performance.now()
    for (const old of superfluous(await listCheckpoints(folder), keepLast, keepBest)) await removeCheckpoint(old.folder)
  }
}

const isSame = (a: CheckpointPosition, b: CheckpointPosition | undefined): boolean =>
  a.epoch === b?.epoch && a.batch === b.batch && a.step === b.step

/** Whether a checkpoint is one of a folder's, by whatever names the two go. */
async function isInside(checkpoint: string, folder: string): Promise<boolean> {
  const real = (path: string) => realpath(path).catch(() => resolve(path))
  return (await real(dirname(resolve(checkpoint)))) === (await real(folder))
}

/** What is in a folder; a path that leads nowhere says so. */
async function resumableFolder(who: string, path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw systemError(who, 'unreadable', path, error)
    throw nothingToResume(who, path, code === 'ENOENT' ? 'no such folder' : 'a file')
  }
}

const nothingToResume = (who: string, path: string, got: string): CheckpointError =>
  new CheckpointError({
    who,
    kind: 'unreadable',
    file: path,
    wanted: `a checkpoint, or the folder of a run with some, at ${resolve(path)}, to resume`,
    got,
    fix: 'Correct the path, or pass `resume: true` for the newest one of `folder`, if it has any.',
  })

/** Two runs in one folder would remove each other's checkpoints. */
async function expectNewRun(folder: string): Promise<void> {
  const { length } = await listCheckpoints(folder)
  if (length === 0) return
  throw new OptionError({
    who: 'checkpoints',
    wanted: 'a `folder` of its own for a new run',
    got: `${folder}, which has ${length} checkpoints of another one`,
    fix: 'Pass another folder, or `resume: true` to go on with that run.',
  })
}
