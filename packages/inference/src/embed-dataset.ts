import { expectMethods, type Dataset, type Embeddings } from '@metric-learning/contracts'
import { DatasetEmbedder, type DatasetEmbedderOptions } from './dataset-embedder.js'

export interface EmbedDatasetOptions extends DatasetEmbedderOptions {
  readonly dataset: Dataset
  /** Rows to embed, in this order. Default: all. */
  readonly rows?: Int32Array
}

/**
 * Embeds a data set once, as a {@link DatasetEmbedder} does; make one to do it again and again.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export async function embedDataset({ dataset, rows, ...options }: EmbedDatasetOptions): Promise<Embeddings> {
  const embedder = new DatasetEmbedder(options)
  expectMethods('embedDataset', 'dataset', dataset, ['load'], "await quickDraw({ split: 'test' })")
  try {
    return await embedder.embed(dataset, rows)
  } finally {
    embedder.dispose()
  }
}
