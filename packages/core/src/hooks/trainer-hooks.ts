import type {
  BatchEndContext,
  BatchStartContext,
  DoneContext,
  EpochEndContext,
  EpochStartContext,
  EvalEndContext,
  EvalStartContext,
  FailedContext,
  GradientContext,
  LogEntry,
  LossContext,
  MineContext,
  SetupContext,
} from './contexts.js'
import type { AsyncTaps, SyncTaps, WaterfallTaps } from './taps.js'

/**
 * The moments of a run, in order:
 *
 *     setup → for each epoch: epochStart
 *               → for each batch: batchStart → [ mine → loss → gradients ] → batchEnd
 *               → epochEnd, in which testers fire evalStart and evalEnd
 *           → done | failed
 *
 * What stands in brackets runs inside the step: one synchronous function of tensors under `tf.tidy`.
 * Taps there must not read values from the device nor keep tensors. Where the step is compiled they
 * run while it is captured, at the start of each epoch, and not in every step (see `Trainer.recapture`).
 */
export interface TrainerHooks {
  /** Once, before the first epoch of a trainer: models, optimizers, sampler and data are there. Not when training goes on. */
  readonly setup: AsyncTaps<SetupContext>
  /** Before the first batch of an epoch: schedules. */
  readonly epochStart: AsyncTaps<EpochStartContext>
  /** Before a batch is loaded. */
  readonly batchStart: AsyncTaps<BatchStartContext>
  /** Inside the step, once per objective: may replace what its miner selected. */
  readonly mine: WaterfallTaps<MineContext>
  /** Inside the step: adds named, weighted terms to the loss. */
  readonly loss: SyncTaps<LossContext>
  /** Inside the step, after the backward pass: clipping, all-reduce. */
  readonly gradients: WaterfallTaps<GradientContext>
  /** After the update. Reads the loss only when it is asked for. */
  readonly batchEnd: AsyncTaps<BatchEndContext>
  /** After the last batch of an epoch: evaluation, checkpoints, early stop. Not when the run was stopped inside the epoch. */
  readonly epochEnd: AsyncTaps<EpochEndContext>
  /** Before a tester embeds its splits. */
  readonly evalStart: AsyncTaps<EvalStartContext>
  /** After a tester has scored its splits: loggers, plots, best-model selection. */
  readonly evalEnd: AsyncTaps<EvalEndContext>
  /** Every scalar, histogram, image and embedding table that anybody logs. */
  readonly log: SyncTaps<LogEntry>
  /** After the last epoch, or after a stop. Not after a failure. */
  readonly done: AsyncTaps<DoneContext>
  /** After an error, before it is thrown on: closing files. */
  readonly failed: AsyncTaps<FailedContext>
}
