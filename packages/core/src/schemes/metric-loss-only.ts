import { expectMethods } from '@metric-learning/contracts'
import type { EmbeddingPath, Scheme } from './scheme.js'

/**
 * The default scheme, PyTorch Metric Learning's MetricLossOnly: trunk, then embedder; one update of both.
 *
 * Outputs: `embeddings`, float32 [n, dim], and `features`, what the trunk gives.
 *
 * @param who names the scheme in errors. Default its own name.
 * @throws {OptionError} when the trunk, or an embedder that is given, is no module.
 */
export function metricLossOnly({ trunk, embedder }: EmbeddingPath, who = 'metricLossOnly'): Scheme {
  expectMethods(who, 'trunk', trunk, ['call'], 'new ConvNet()')
  if (embedder !== undefined) expectMethods(who, 'embedder', embedder, ['call'], 'new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64 })')
  return {
    name: 'MetricLossOnly',
    modules: { trunk, ...(embedder && { embedder }) },
    forward({ samples }, mode) {
      const features = trunk.call(samples, mode)
      return { embeddings: embedder ? embedder.call(features, mode) : features, features }
    },
  }
}
