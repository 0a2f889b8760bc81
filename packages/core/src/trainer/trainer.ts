import type { BatchSampler } from '../contracts/batch-sampler.js'
import type { Dataset } from '../contracts/dataset.js'
import type { Module } from '../contracts/module.js'
import { HookSet } from '../hooks/hook-set.js'
import type { LogEntry, EvalEndContext, EvalStartContext } from '../hooks/contexts.js'
import type { TrainerHooks } from '../hooks/trainer-hooks.js'
import type { Plugin } from '../plugins/plugin.js'
import { Random } from '../random/random.js'
import type { Objective } from './objective.js'

export interface TrainerOptions {
  readonly trunk: Module
  readonly embedder: Module
  readonly dataset: Dataset
  readonly sampler: BatchSampler
  readonly objectives: readonly Objective[]
  readonly seed?: number
  readonly plugins?: readonly Plugin[]
}

export class Trainer {
  readonly #hooks = new HookSet()
  readonly hooks: TrainerHooks = this.#hooks.taps()
  readonly random: Random
  epoch = 0
  step = 0
  constructor(readonly options: TrainerOptions) {
    this.random = new Random(options.seed ?? 0)
  }
  /** Embeddings of the given dataset rows in inference mode, row-major on the host. */
  embed(_dataset: Dataset, _rows: Int32Array): Promise<{ embeddings: Float32Array; dim: number }> {
    throw new Error('pending')
  }
  /** Hands an entry to every logger. */
  log(entry: LogEntry): void {
    this.#hooks.log.call(entry)
  }
  /** A tester announces an evaluation. */
  async announceEvaluation(context: EvalStartContext): Promise<void> {
    await this.#hooks.evalStart.promise(context)
  }
  /** A tester publishes its result. */
  async publishEvaluation(context: EvalEndContext): Promise<void> {
    await this.#hooks.evalEnd.promise(context)
  }
  stop(_reason: string): void {}
  train(_options: { epochs: number }): Promise<void> {
    throw new Error('pending')
  }
}
