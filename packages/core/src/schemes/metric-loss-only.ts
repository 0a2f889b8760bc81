import type { EmbeddingPath, Scheme } from './scheme.js'

/**
 * The default scheme, PyTorch Metric Learning's MetricLossOnly: trunk, then embedder; one update of both.
 *
 * Outputs: `embeddings`, float32 [n, dim], and `features`, what the trunk gives.
 */
export function metricLossOnly({ trunk, embedder }: EmbeddingPath): Scheme {
  return {
    name: 'MetricLossOnly',
    modules: { trunk, ...(embedder && { embedder }) },
    forward({ samples }, mode) {
      const features = trunk.call(samples, mode)
      return { embeddings: embedder ? embedder.call(features, mode) : features, features }
    },
  }
}
