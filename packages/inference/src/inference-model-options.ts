import type { Module, NeighbourIndex, Normalization, Plain } from '@metric-learning/contracts'
import type { CompileMode } from '@metric-learning/ops'
import type { MatchFinder } from './match-finder.js'
import type { ReferenceKey } from './reference-keys.js'

export interface InferenceModelOptions {
  /** From samples to features. It stays the caller's. */
  readonly trunk: Module
  /** From features to embeddings. Left out: the trunk's output is taken. It stays the caller's. */
  readonly embedder?: Module
  /** Divides each embedding by its Euclidean norm. Default true. */
  readonly normalizeEmbeddings?: boolean
  /**
   * How pixels are normalised: that of the data set that the networks were trained on, `dataset.normalization`. Default: data sets are
   * normalised as they say themselves, and pixels of another origin refused.
   */
  readonly normalization?: Normalization
  /** Where references are kept and looked up. Default: a new `ExactNeighbourIndex`, by squared Euclidean distance. */
  readonly index?: NeighbourIndex
  /** What counts as a match. Default: a cosine of 0.9 or more. */
  readonly matchFinder?: MatchFinder
  /** Samples at a time, at most; also of requests that are joined. Default 64. */
  readonly batchSize?: number
  /**
   * Whether a batch runs as one graph: `true` where the backend can, with one warning if the modules can't be captured;
   * `'require'`: an error then; `false`: never. Default true.
   */
  readonly compile?: CompileMode
}

/** What `InferenceModel.load` is given; the rest is in the folder. */
export type LoadOptions = Pick<InferenceModelOptions, 'trunk' | 'embedder' | 'index' | 'matchFinder' | 'batchSize' | 'compile'>

export interface EmbeddingOptions {
  /** Told after each batch of a data set how many of its samples are done, of how many. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface ReferenceOptions extends EmbeddingOptions {
  /** What references are known by: one a sample, each once. Default: numbers, in the order in which they are added, from 0. */
  readonly keys?: readonly ReferenceKey[]
}

export interface NeighbourOptions extends EmbeddingOptions {
  /** Neighbours a query: at least 1, or all. More than there are is cut to what exists. */
  readonly k: number | 'all'
}

/** A reference near a query. */
export interface Neighbour {
  /** What it was added as: the user's key, or its number. For a data set without keys that is its row. */
  readonly key: ReferenceKey
  /** As the index measures: by default the squared Euclidean distance, 2 - 2 cos of normalised embeddings. */
  readonly distance: number
}

/** What a saved model says of itself. */
export interface SavedModelNotes {
  readonly notes: Readonly<Record<string, Plain>>
  readonly normalizeEmbeddings: boolean
  readonly normalization: Normalization | undefined
}
