import * as tf from '@tensorflow/tfjs-core'
import { describeValue, expectKnownOptions, expectMethods, expectNumber, OptionError, type Module } from '@metric-learning/contracts'
import { metricLossOnly, type EmbeddingPath, type Scheme } from '@metric-learning/core'

/** Parts of {@link cascadedEmbeddings}. */
export interface CascadedEmbeddingsParts extends EmbeddingPath {
  /** Width of each stage's part of an embedding, in order; together the width of the whole. */
  readonly embeddingSizes: readonly number[]
  /** For each stage a classifier of its part, from its width to logits, one a class; `undefined` for a stage without. Default: none. */
  readonly classifiers?: readonly (Module | undefined)[]
}

/**
 * An embedding in parts, each judged by itself: stage i looks at the i-th `embeddingSizes` of its columns. Where the pairs of a stage are
 * chosen among those of the stage before, by `mineAmong` of an objective, later stages learn from ever harder ones. One update of all.
 *
 * Outputs: `embeddings` and `features` as in `metricLossOnly`; `embeddings0`, `embeddings1`, …, float32 [n, size of the stage]; and for
 * stages with a classifier `logits0`, …, float32 [n, classes]. Evaluations look at the whole embedding. Modules: `trunk`, `embedder`, and
 * `classifier0`, ….
 *
 * @throws {OptionError} when sizes are no positive integers, do not add up to the width of the embeddings, or classifiers are not as
 * many as the stages, or not of their widths; and as `metricLossOnly` does.
 * @see Yuan, Yang, Zhang: Hard-Aware Deeply Cascaded Embedding (ICCV 2017), section 3; PyTorch Metric Learning's CascadedEmbeddings.
 * @example
 * const miner = () => new HDCMiner({ filterPercentage: 0.5 })
 * new Trainer({
 *   scheme: cascadedEmbeddings({ trunk, embedder, embeddingSizes: [32, 32, 64] }),
 *   objectives: [
 *     { name: 'easy', loss: new ContrastiveLoss(), of: 'embeddings0', miner: miner() },
 *     { name: 'harder', loss: new ContrastiveLoss(), of: 'embeddings1', miner: miner(), mineAmong: 'easy' },
 *     { name: 'hardest', loss: new ContrastiveLoss(), of: 'embeddings2', miner: miner(), mineAmong: 'harder' },
 *   ],
 *   dataset, sampler,
 * })
 */
export function cascadedEmbeddings(parts: CascadedEmbeddingsParts): Scheme {
  const who = 'cascadedEmbeddings'
  expectKnownOptions(who, parts, ['trunk', 'embedder', 'embeddingSizes', 'classifiers'])
  const { embeddingSizes, classifiers = [], ...path } = parts
  const plain = metricLossOnly(path, who)
  if (!Array.isArray(embeddingSizes)) {
    throw new OptionError({ who, wanted: '`embeddingSizes` to be a list of numbers, one a stage', got: String(embeddingSizes), fix: 'Pass such as `[32, 32, 64]`, together the width of an embedding.' })
  }
  embeddingSizes.forEach((size, i) => {
    expectNumber(who, `embeddingSizes[${i}]`, size, { min: 1, integer: true })
  })
  const dim = plain.outputs!['embeddings']!
  const width = embeddingSizes.reduce((sum, size) => sum + size, 0)
  if (width !== dim) {
    throw new OptionError({ who, wanted: `\`embeddingSizes\` that add up to the ${dim} numbers of an embedding`, got: `${embeddingSizes.join(' + ') || 'none'} = ${width}`, fix: 'Change them, or the embedder.' })
  }
  if (!Array.isArray(classifiers)) {
    throw new OptionError({ who, wanted: '`classifiers` to be a list, one a stage', got: describeValue(classifiers), fix: 'Pass such as `[undefined, classifier]`, or leave it out.' })
  }
  classifiers.forEach((classifier: unknown, i) => {
    if (classifier !== undefined) expectMethods(who, `classifiers[${i}]`, classifier, ['call'], 'new MLP({ inputSize: 32, hiddenSizes: [], outputSize: classes })')
  })
  if (classifiers.length !== 0 && classifiers.length !== embeddingSizes.length) {
    throw new OptionError({ who, wanted: `${embeddingSizes.length} \`classifiers\`, one a stage`, got: String(classifiers.length), fix: 'Pass `undefined` for a stage without one.' })
  }
  classifiers.forEach((classifier, i) => {
    if (classifier?.inputSize === undefined || classifier.inputSize === embeddingSizes[i]) return
    throw new OptionError({ who, wanted: `a classifier of ${embeddingSizes[i]} numbers for stage ${i}`, got: `${classifier.name} for ${classifier.inputSize}`, fix: 'Pass it the size of the stage as `inputSize`.' })
  })

  const named = <T>(name: string, values: readonly T[]) => Object.fromEntries(values.flatMap((value, i) => (value ? [[`${name}${i}`, value]] : []))) as Record<string, NonNullable<T>>
  return {
    name: 'CascadedEmbeddings',
    modules: { ...plain.modules, ...named('classifier', classifiers) },
    outputs: { ...plain.outputs, ...named('embeddings', embeddingSizes), ...named('logits', classifiers.map((classifier) => classifier?.outputSize)) },
    computedBy: {
      ...plain.computedBy,
      ...named('embeddings', embeddingSizes.map(() => Object.keys(plain.modules))),
      ...named('logits', classifiers.map((classifier, i) => classifier && [...Object.keys(plain.modules), `classifier${i}`])),
    },
    forward(batch, mode) {
      const outputs = plain.forward(batch, mode)
      const stages = tf.split(outputs['embeddings']!, [...embeddingSizes], 1)
      const logits = classifiers.map((classifier, i) => classifier?.call(stages[i]!, mode))
      return { ...outputs, ...named('embeddings', stages), ...named('logits', logits) }
    },
  }
}
