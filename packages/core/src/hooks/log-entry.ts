import type { Dataset } from '@metric-learning/contracts'

/** One thing to log; `trainer.log` checks it. Loggers subscribe; nobody else writes files. */
export type LogEntry =
  | { readonly kind: 'scalar'; readonly tag: string; readonly step: number; readonly value: number }
  /** In place of a scalar that has no value, such as a metric of a split of one class. */
  | { readonly kind: 'missing'; readonly tag: string; readonly step: number; readonly reason: string }
  | { readonly kind: 'histogram'; readonly tag: string; readonly step: number; readonly values: ArrayLike<number> }
  | { readonly kind: 'image'; readonly tag: string; readonly step: number; readonly image: LoggedImage }
  | { readonly kind: 'text'; readonly tag: string; readonly step: number; readonly text: string }
  /** What a run is made of, once, at its beginning: names of parts, and plain values of their options, by path. */
  | { readonly kind: 'configuration'; readonly tag: string; readonly step: number; readonly values: Readonly<Record<string, string | number | boolean | null>> }
  | { readonly kind: 'embedding'; readonly tag: string; readonly step: number; readonly table: EmbeddingTable }

/** An encoded PNG. */
export interface LoggedImage {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** Embeddings with what is known of each row. */
export interface EmbeddingTable {
  /** Row-major float32 [count, dim]. */
  readonly embeddings: Float32Array
  readonly dim: number
  /** One name a row. */
  readonly labels: readonly string[]
  /** Row i is sample i of this dataset. Absent where they are of none. */
  readonly dataset?: Dataset
}
