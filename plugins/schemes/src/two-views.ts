import * as tf from '@tensorflow/tfjs-core'
import { metricLossOnly, type EmbeddingPath, type Scheme } from '@metric-learning/core'

/**
 * Two views of each sample, for training without labels. Both go through trunk and embedder as one batch of 2n, so that
 * batch norm sees them together.
 *
 * Outputs: `embeddings`, of the first views, and `otherEmbeddings`, of the second ones, float32 [n, dim] each; row i of both is
 * sample i. The dataset gives views that differ: `augmented` draws each anew.
 *
 * @example
 * new Trainer({
 *   scheme: twoViews({ trunk, embedder }),
 *   objectives: [{ loss: new SelfSupervisedLoss({ loss: new NTXentLoss() }), against: 'otherEmbeddings' }],
 *   dataset: augmented(train, { randomCrop: { padding: 4 }, horizontalFlip: 0.5 }), sampler,
 * })
 * @see Chen et al., A Simple Framework for Contrastive Learning of Visual Representations, arXiv:2002.05709, algorithm 1.
 */
export function twoViews(path: EmbeddingPath): Scheme {
  const plain = metricLossOnly(path, 'twoViews')
  const size = plain.outputs!['embeddings']!
  return {
    name: 'TwoViews',
    modules: plain.modules,
    views: 2,
    outputs: { embeddings: size, otherEmbeddings: size },
    computedBy: { embeddings: Object.keys(plain.modules), otherEmbeddings: Object.keys(plain.modules) },
    forward(batch, mode) {
      const samples = tf.concat([...batch.views])
      const outputs = plain.forward({ views: [samples], samples, rows: batch.rows, position: batch.position, relations: (column) => batch.relations(column) }, mode)
      const [embeddings, otherEmbeddings] = tf.split(outputs['embeddings']!, 2)
      return { embeddings: embeddings!, otherEmbeddings: otherEmbeddings! }
    },
  }
}
