import { expectKnownOptions, expectMethods, OptionError } from '@metric-learning/contracts'
import type { EmbeddingPath, Scheme } from './scheme.js'

/**
 * The default scheme, PyTorch Metric Learning's MetricLossOnly: trunk, then embedder; one update of both.
 *
 * Outputs: `embeddings`, float32 [n, dim], and `features`, what the trunk gives.
 *
 * @param who names the scheme in errors. Default its own name.
 * @throws {OptionError} when a part is unknown, the trunk, or an embedder that is given, is no module, or the embedder is for other features.
 */
export function metricLossOnly(path: EmbeddingPath, who = 'metricLossOnly'): Scheme {
  expectKnownOptions(who, path, ['trunk', 'embedder'])
  const { trunk, embedder } = path
  expectMethods(who, 'trunk', trunk, ['call'], 'new ConvNet()')
  if (embedder !== undefined) expectMethods(who, 'embedder', embedder, ['call'], 'new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64 })')
  if (embedder?.inputSize !== undefined && embedder.inputSize !== trunk.outputSize) {
    throw new OptionError({
      who,
      wanted: `an \`embedder\` for the ${trunk.outputSize} features of ${trunk.name}`,
      got: `${embedder.name} for ${embedder.inputSize}`,
      fix: "Pass it the trunk's `outputSize` as `inputSize`.",
    })
  }
  const modules = { trunk, ...(embedder && { embedder }) }
  return {
    name: 'MetricLossOnly',
    modules,
    outputs: { embeddings: (embedder ?? trunk).outputSize, features: trunk.outputSize },
    computedBy: { embeddings: Object.keys(modules), features: ['trunk'] },
    forward({ samples }, mode) {
      const features = trunk.call(samples, mode)
      return { embeddings: embedder ? embedder.call(features, mode) : features, features }
    },
  }
}
