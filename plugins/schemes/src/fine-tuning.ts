import { metricLossOnly, type EmbeddingPath, type Scheme } from '@metric-learning/core'

/**
 * Trunk, then embedder, as in `metricLossOnly`, with the trunk in inference mode: its batch norm goes by the statistics that it was
 * trained with, which stay as they are, so that small batches of new data do not spoil them. Its weights learn all the same, unless
 * they are frozen (`freezing` of schedules) or have a rate of 0; `optimizers` by paths give each part of it a rate of its own.
 * PyTorch Metric Learning's `freeze_trunk_batchnorm`.
 *
 * Outputs: `embeddings` and `features`, float32 [n, dim] each.
 *
 * @example
 * new Trainer({
 *   scheme: fineTuning({ trunk: await loadTrunk(), embedder }),
 *   optimizers: { trunk: new Adam({ learningRate: 1e-5 }), embedder: new Adam({ learningRate: 1e-3 }) },
 *   plugins: [freezing({ trunk: 2, 'trunk.stem': Infinity })],
 *   objectives, dataset, sampler,
 * })
 */
export function fineTuning(path: EmbeddingPath): Scheme {
  const plain = metricLossOnly(path, 'fineTuning')
  const { trunk, embedder } = path
  return {
    ...plain,
    name: 'FineTuning',
    forward({ samples }, mode) {
      const features = trunk.call(samples, { ...mode, training: false })
      return { embeddings: embedder ? embedder.call(features, mode) : features, features }
    },
  }
}
