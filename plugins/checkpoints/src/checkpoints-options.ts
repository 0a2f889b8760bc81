import { expectFixedNumber, expectKnownOptions, expectNumber, expectOneOf, expectText } from '@metric-learning/contracts'
import type { KeepBest } from './retention.js'

export interface CheckpointsOptions {
  /** Where the run's checkpoints go, a folder of its own; made when it is missing. */
  readonly folder: string
  /** Saves after each step whose number this divides. Default never. */
  readonly everySteps?: number
  /** Saves after each epoch whose number this divides. Default 1, or never when steps or minutes are given. */
  readonly everyEpochs?: number
  /** Saves after the first step that ends so many minutes after the last save. Default never. */
  readonly everyMinutes?: number
  /** How many of the last checkpoints are kept. Default 2. The disk needs room for one more. */
  readonly keepLast?: number
  /**
   * Which are kept besides, for being good: those with the best values of a logged number, such as
   * `{ metric: 'heldOut/precisionAt1', mode: 'max', count: 1 }`. An epoch whose value is among the best is saved, whatever
   * `everyEpochs` says. A metric that never comes is an error at the end of the run. Default none.
   */
  readonly keepBest?: KeepBest
  /**
   * Goes on from a checkpoint: from the newest whole one of `folder` (true; a new run when there is none), or from the one
   * whose path is given, or from the newest whole one of the run's folder whose path is given. Where that is not in `folder`, `folder` must
   * have no checkpoints yet. Default false.
   */
  readonly resume?: boolean | string
  /**
   * SIGTERM and SIGINT end the run after the step that is under way, with a last checkpoint; `train` returns, so that the process
   * can end with exit code 0. A second signal ends the process at once (143, 130). Default true.
   */
  readonly onSignal?: boolean
  /** Told what was resumed, passed over and why, in lines. Default: standard error. */
  readonly say?: (line: string) => void
  /**
   * Of the plugin. Give one where a trainer has two, such as one that keeps the last in a folder and one that keeps all in
   * another; of these, one resumes. Default `'checkpoints'`.
   */
  readonly name?: string
}

const who = 'checkpoints'
const KNOWN = ['folder', 'everySteps', 'everyEpochs', 'everyMinutes', 'keepLast', 'keepBest', 'resume', 'onSignal', 'say', 'name']

/**
 * Fills in the defaults.
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 */
export function checkedOptions(options: CheckpointsOptions) {
  expectKnownOptions(who, options, KNOWN)
  const { folder, everySteps, everyMinutes, keepLast = 2, keepBest, resume = false, onSignal = true } = options
  const { everyEpochs = everySteps === undefined && everyMinutes === undefined ? 1 : undefined } = options
  const { name = who, say = (line: string) => void process.stderr.write(`${line}\n`) } = options
  expectText(who, 'folder', folder, 'the path of a folder')
  expectText(who, 'name', name, 'a name')
  if (everySteps !== undefined) expectNumber(who, 'everySteps', everySteps, { min: 1, integer: true })
  if (everyEpochs !== undefined) expectNumber(who, 'everyEpochs', everyEpochs, { min: 1, integer: true })
  if (everyMinutes !== undefined) expectFixedNumber(who, 'everyMinutes', everyMinutes, { min: 0, exclusiveMin: true })
  expectNumber(who, 'keepLast', keepLast, { min: 1, integer: true })
  if (keepBest !== undefined) {
    expectKnownOptions(`${who}, keepBest`, keepBest, ['metric', 'mode', 'count'])
    expectText(who, 'keepBest.metric', keepBest.metric, "the tag of a logged number, such as 'heldOut/precisionAt1'")
    expectOneOf(who, 'keepBest.mode', keepBest.mode, ['max', 'min'])
    expectNumber(who, 'keepBest.count', keepBest.count ?? 1, { min: 1, integer: true })
  }
  if (typeof resume !== 'boolean') expectText(who, 'resume', resume, 'the path of a folder')
  return { folder, everySteps, everyEpochs, everyMinutes, keepLast, keepBest, resume, onSignal, say, name }
}
