import type {
  BatchEndContext,
  BatchStartContext,
  DoneContext,
  EpochEndContext,
  EpochStartContext,
  EvalEndContext,
  EvalProgressContext,
  EvalStartContext,
  EvaluateContext,
  Evaluation,
  ExchangeContext,
  FailedContext,
  GradientContext,
  LossContext,
  MineContext,
  RestoredContext,
  SaveContext,
  SetupContext,
  UpdatedContext,
} from './contexts.js'
import type { LogEntry } from './log-entry.js'
import type { AskingTaps, AsyncTaps, SyncTaps, WaterfallTaps } from './taps.js'

/**
 * The moments of a run, in order:
 *
 *     setup → evaluation, before the first step
 *           → for each epoch: epochStart
 *               → for each batch: batchStart → [ mine → loss → gradients ] exchange [ update → updated ] → log
 *                   → evaluation by testers that tap with `everySteps`, where it is their step → batchEnd
 *               → evaluation → epochEnd
 *           → done | failed
 *
 *     evaluation: evalStart → for each tester: evaluate, with evalProgress → log → evalEnd, where it found something
 *
 * What stands in brackets runs inside the step: one synchronous function of tensors under `tf.tidy`.
 * Taps there must not read values from the device nor keep tensors. Where the step is compiled they
 * run while it is captured and whenever that is looked at again, and not in every step: see docs/compiled-steps.md.
 */
export interface TrainerHooks {
  /** Once, before the first step of a trainer: everything is there; plugins check what they need, and restore a run. Not when training goes on. */
  readonly setup: AsyncTaps<SetupContext>
  /** Before the first batch of an epoch, and once more where a run goes on within one: schedules. */
  readonly epochStart: AsyncTaps<EpochStartContext>
  /** Before a step, once its batch has been loaded. */
  readonly batchStart: AsyncTaps<BatchStartContext>
  /** Inside the step, once per objective that goes by labels: may replace what its miner selected. */
  readonly mine: WaterfallTaps<MineContext>
  /** Inside the step, once per update: adds named, weighted terms to the loss. */
  readonly loss: SyncTaps<LossContext>
  /** Inside the step, after the backward pass of an update: clipping, freezing. */
  readonly gradients: WaterfallTaps<GradientContext>
  /** Between the gradients of an update and the update, outside the compiled step: gradients among ranks, or over several batches. See docs/exchange.md. */
  readonly exchange: SyncTaps<ExchangeContext>
  /** Inside the step, once, when all its updates have changed their parameters: averages of them. Not where all were held in `exchange`. */
  readonly updated: SyncTaps<UpdatedContext>
  /** After the update. Reads the loss only when it is asked for. */
  readonly batchEnd: AsyncTaps<BatchEndContext>
  /** After the last batch of an epoch, and its evaluation: checkpoints, early stop. Not when the run was stopped inside the epoch. */
  readonly epochEnd: AsyncTaps<EpochEndContext>
  /**
   * Before training, and after the last batch of each epoch: testers return what they found, or `undefined` when they are not due. A tap with
   * `everySteps` is also asked within epochs, after a step that is a multiple, and before its `batchEnd`: what is saved there has been judged.
   */
  readonly evaluate: AskingTaps<EvaluateContext, Evaluation>
  /** Before testers are asked; not where there are none. */
  readonly evalStart: AsyncTaps<EvalStartContext>
  /** While a tester evaluates, whenever it reports how far it is: progress bars. Testers need not. */
  readonly evalProgress: SyncTaps<EvalProgressContext>
  /** After a tester found something, once for each: plots, best models. */
  readonly evalEnd: AsyncTaps<EvalEndContext>
  /** Every scalar, histogram, image, text and embedding table of a run: docs/logging.md lists the tags. */
  readonly log: SyncTaps<LogEntry>
  /** Before the state of a run is taken. */
  readonly save: AsyncTaps<SaveContext>
  /** After a run was restored. */
  readonly restored: AsyncTaps<RestoredContext>
  /** After the last epoch, or after a stop. Not after a failure. All taps run; the first error of one is thrown after that. */
  readonly done: AsyncTaps<DoneContext>
  /** After an error, before it is thrown on: closing files. All taps run; their own errors are warnings, and never hide that error. */
  readonly failed: AsyncTaps<FailedContext>
}
