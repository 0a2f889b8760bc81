import type * as tf from '@tensorflow/tfjs-core'
import type { BatchSampler, Dataset, Loss, Miner, Module, State } from '@metric-learning/contracts'
import type { DefaultSchemeOptions, Objective, Plugin, RunOptions, Trainer } from '@metric-learning/core'
import type { ImageDataset } from '@metric-learning/datasets'
import type { GlobalEmbeddingSpaceTester, TesterOptions } from '@metric-learning/testers'

/** What pages take for given where they show a part alone: a run put together as in the README. */
export declare const parts: RunOptions & DefaultSchemeOptions
export declare const others: RunOptions & DefaultSchemeOptions
export declare const trainer: Trainer
export declare const trunk: Module & { readonly outputSize: number }
export declare const embedder: Module
export declare const dataset: Dataset
export declare const train: ImageDataset
export declare const val: ImageDataset
export declare const heldOut: ImageDataset
export declare const sampler: BatchSampler
export declare const objectives: readonly Objective[]
export declare const loss: Loss
export declare const miner: Miner
export declare const tester: GlobalEmbeddingSpaceTester
export declare const rawTester: GlobalEmbeddingSpaceTester
export declare const otherTester: GlobalEmbeddingSpaceTester
export declare const FewShotTester: new (options: TesterOptions & { readonly ways: number; readonly shots: number }) => Plugin
export declare const SpreadLoss: new (options?: { readonly threshold?: number }) => Loss
export declare const ClosestNegativesMiner: new (options: { readonly slack: number }) => Miner
export declare const PairsSampler: new (options: { readonly labels: Int32Array; readonly pairs: number }) => BatchSampler
export declare const sparkline: (options: { readonly tag: string }) => Plugin
export declare const RankLoss: new (options: { readonly numClasses: number; readonly embeddingSize: number }) => Loss

/** Embeddings, and what belongs to them. */
export declare const embeddings: Float32Array
export declare const labels: Int32Array
export declare const classNames: readonly string[]
export declare const rows: readonly number[]
export declare const norms: Float32Array
interface HostEmbeddings {
  readonly embeddings: Float32Array
  readonly dim: number
}
export declare const query: HostEmbeddings
export declare const reference: HostEmbeddings
export declare const gallery: HostEmbeddings & Dataset
export declare const queryLabels: Int32Array
export declare const one: tf.Tensor2D
export declare const other: tf.Tensor2D
export declare const all: tf.Tensor2D
export declare const references: tf.Tensor2D

/** Pictures, as PNG. */
export declare const png: Uint8Array
export declare const sheet: Uint8Array

/** A run in a loop of one's own. */
export declare const position: { readonly step: number; readonly epoch: number; readonly batch: number }
export declare const state: Readonly<Record<string, State>>
export declare const metrics: Readonly<Record<string, number>>
export declare function restore(state: Readonly<Record<string, State>>): void

export { readFile } from 'node:fs/promises'
export { writeFileSync } from 'node:fs'
