import type * as tf from '@tensorflow/tfjs-core'
import type { Batch, CallMode, Module, Parameters } from '@metric-learning/contracts'
import type { Objective } from './objective.js'

/** What a scheme computes of a batch, by name: float32, most often [n, dim]. */
export type Outputs = Readonly<Record<string, tf.Tensor>>

/** Numbers in the last axis of each output, by name. */
export type OutputSizes = Readonly<Record<string, number>>

/** Names of the modules that each output follows from, by its name. */
export type OutputModules = Readonly<Record<string, readonly string[]>>

/** One backward pass, and the parameters that it changes. */
export interface Update {
  /** Unique within a scheme. */
  readonly name: string
  /** Names of the modules whose parameters it changes. Parameters of its losses change, too. */
  readonly modules: readonly string[]
  /** What it minimises: the weighted sum of these. */
  readonly objectives: readonly Objective[]
  /**
   * Whether it is part of the steps of an epoch, counted from 1: `(epoch) => epoch > 5` for one that begins after a warm-up. While it is not,
   * nothing of it is computed, and its modules, their running statistics and their optimizers stay as they are, unless another update
   * changes them. It follows from the epoch alone. Two updates that are active in different epochs may share an objective. Default:
   * in every epoch.
   */
  isActive?(epoch: number): boolean
  /** What its own `forward` computes, as `outputs` of the scheme say it of that. */
  readonly outputs?: OutputSizes
  /** What it computes, if that is not what the scheme computes. */
  forward?(batch: Batch, mode: CallMode): Outputs
}

/** From a sample to what is judged: what testers embed with. */
export interface EmbeddingPath {
  readonly trunk: Module
  /** Left out: the trunk's output is judged. */
  readonly embedder?: Module
}

/**
 * What a step computes; the trainer runs it. A scheme says which modules there are, what they make of a batch, and, where one
 * backward pass over everything is not what is meant, which updates follow each other in a step.
 *
 * Each update has a forward pass of its own, with the weights as the update before it left them.
 */
export interface Scheme {
  readonly name: string
  /** Modules by name, such as `trunk`, `embedder`, `classifier`, `generator`. */
  readonly modules: Readonly<Record<string, Module>>
  /** What calls change by assignment, such as a memory; saved with the run. Default: none. */
  readonly buffers?: Parameters
  /** Views of each sample that a batch has. Default 1. */
  readonly views?: number
  /**
   * Numbers of each output of `forward`, its last axis, by name: `{ embeddings: 64, logits: 100 }`. With these a trainer says when it is
   * made, and not in its first step, which objective judges an output that is not there, or of another size. A scheme that is made of another one
   * by a `forward` of its own says its own. Default: unknown before the first step.
   */
  readonly outputs?: OutputSizes
  /**
   * The modules that each output of `forward` follows from, by name: `{ embeddings: ['trunk', 'embedder'] }`. With these a trainer says when it is
   * made, and not in its first step, which module no objective trains. Default: unknown before the first step.
   */
  readonly computedBy?: OutputModules
  /**
   * The named outputs that objectives judge. Inside the step: pure, nothing is read from the device, and batches are used in
   * the order of their rows. With `chunkSize` it is called with a chunk at a time: each output has a row for each sample, which
   * follows from that sample alone (batch norm apart), and there are no relations.
   */
  forward(batch: Batch, mode: CallMode): Outputs
  /** In order. Default: one, of all modules, with the trainer's `objectives`. */
  readonly updates?: readonly Update[]
  /** What evaluations embed with. Default: the modules `trunk` and, if there is one, `embedder`. */
  readonly embedding?: EmbeddingPath
  /** Frees what it made itself, such as its `buffers`; modules belong to whoever made them. */
  dispose?(): void
}
