import { expectKnownOptions, expectMethods, type Module } from '@metric-learning/contracts'
import { metricLossOnly, type EmbeddingPath, type Scheme } from '@metric-learning/core'
import { expectTakes } from './expect-takes.js'

/** Parts of {@link trainWithClassifier}. */
export interface TrainWithClassifierParts extends EmbeddingPath {
  /** From embeddings to logits, one a class, such as `new MLP({ inputSize, hiddenSizes: [], outputSize: classes })`. */
  readonly classifier: Module
}

/**
 * Trunk, embedder, and a classifier of embeddings, all changed by one update; PyTorch Metric Learning's TrainWithClassifier.
 *
 * Outputs: `embeddings` and `features` as in `metricLossOnly`, and `logits`, float32 [n, classes], for an objective with
 * `of: 'logits'`. Evaluations leave the classifier out.
 *
 * @throws {OptionError} when a part is unknown, missing, no module, or does not fit the one before it.
 * @example
 * new Trainer({
 *   scheme: trainWithClassifier({ trunk, embedder, classifier }),
 *   objectives: [{ loss: new TripletMarginLoss() }, { loss: new CrossEntropyLoss({ numClasses }), of: 'logits', weight: 0.5 }],
 *   dataset, sampler,
 * })
 */
export function trainWithClassifier(parts: TrainWithClassifierParts): Scheme {
  expectKnownOptions('trainWithClassifier', parts, ['trunk', 'embedder', 'classifier'])
  const { classifier, ...path } = parts
  const plain = metricLossOnly(path, 'trainWithClassifier')
  expectMethods('trainWithClassifier', 'classifier', classifier, ['call'], 'new MLP({ inputSize: embedder.outputSize, hiddenSizes: [], outputSize: classes })')
  expectTakes('trainWithClassifier', { classifier }, 'of an embedding', plain.outputs!['embeddings']!)
  return {
    name: 'TrainWithClassifier',
    modules: { ...plain.modules, classifier },
    outputs: { ...plain.outputs, logits: classifier.outputSize },
    computedBy: { ...plain.computedBy, logits: [...Object.keys(plain.modules), 'classifier'] },
    forward(batch, mode) {
      const outputs = plain.forward(batch, mode)
      return { ...outputs, logits: classifier.call(outputs['embeddings']!, mode) }
    },
  }
}
