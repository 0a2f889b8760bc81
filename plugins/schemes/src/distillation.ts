import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectMethods, OptionError, type Loss } from '@metric-learning/contracts'
import { metricLossOnly, type EmbeddingPath, type Scheme } from '@metric-learning/core'
import { LpDistance } from '@metric-learning/distances'
import { withoutGradient } from '@metric-learning/ops'

/** Parts of {@link distillation}. */
export interface DistillationParts extends EmbeddingPath {
  /** What is learned from: a trained model, which stays as it is. Its embeddings may be wider. */
  readonly teacher: EmbeddingPath
}

/**
 * A small model learns from the embeddings of a larger one, which is called in inference mode and never changed: it is no module of the
 * scheme, so that checkpoints leave it out. One update.
 *
 * Outputs: `embeddings` and `features` as in `metricLossOnly`, and `teacherEmbeddings`, float32 [n, dim of the teacher], for an objective
 * with `against: 'teacherEmbeddings'`, such as that of {@link relationalDistance}. Labels are needed by other objectives only.
 *
 * @throws {OptionError} when a part is unknown, or the teacher has no trunk, or shares parameters with what learns.
 * @example
 * new Trainer({
 *   scheme: distillation({ trunk, embedder, teacher: { trunk: largeTrunk, embedder: largeEmbedder } }),
 *   objectives: [{ loss: new TripletMarginLoss() }, { loss: relationalDistance(), against: 'teacherEmbeddings', weight: 10 }],
 *   dataset, sampler,
 * })
 */
export function distillation(parts: DistillationParts): Scheme {
  expectKnownOptions('distillation', parts, ['trunk', 'embedder', 'teacher'])
  const { teacher, ...path } = parts
  expectMethods('distillation', 'teacher.trunk', (teacher as Partial<DistillationParts['teacher']> | undefined)?.trunk, ['call'], 'new ConvNet()')
  const plain = metricLossOnly(path, 'distillation')
  const teaching = metricLossOnly(teacher, 'distillation, teacher')
  const learning = new Set(Object.values(plain.modules).flatMap(({ parameters }) => [...parameters.values()]))
  const shared = Object.entries(teaching.modules).find(([, { parameters }]) => [...parameters.values()].some((variable) => learning.has(variable)))
  if (shared) {
    throw new OptionError({ who: 'distillation', wanted: 'a `teacher` with parameters of its own, which stay as they are', got: `\`teacher.${shared[0]}\`, whose parameters are among those that learn`, fix: 'Pass another model, or a copy of this one.' })
  }
  return {
    name: 'Distillation',
    modules: plain.modules,
    outputs: { ...plain.outputs, teacherEmbeddings: teaching.outputs!['embeddings']! },
    computedBy: { ...plain.computedBy, teacherEmbeddings: [] },
    forward(batch, mode) {
      const teacherEmbeddings = withoutGradient(() => teaching.forward(batch, { training: false })['embeddings']!)
      return { ...plain.forward(batch, mode), teacherEmbeddings }
    },
  }
}

/**
 * How far the distances between the embeddings of a batch are from those between the teacher's, each in units of their mean:
 *
 *     L = mean over pairs i ≠ j of h(d(xᵢ, xⱼ) / μ(x) - d(tᵢ, tⱼ) / μ(t)),   h(e) = e²/2 where |e| < 1, |e| - ½ elsewhere,
 *
 * d the Euclidean distance of the embeddings as they are and μ its mean over pairs. It knows no labels, and the two may have different
 * widths. With `chunkSize`, too, it looks at all of a batch.
 *
 * @see Park, Kim, Lu, Cho: Relational Knowledge Distillation (CVPR 2019, arXiv:1904.05068), eq. 5 to 7.
 */
export function relationalDistance(): Loss {
  const distance = new LpDistance({ normalizeEmbeddings: false })
  return {
    name: 'relationalDistance',
    labels: 'refused',
    needsReferences: true,
    takesOtherSizes: true,
    takesSelections: false,
    parameters: new Map(),
    compute: (embeddings, _, { references } = {}) =>
      tf.tidy(() => {
        const n = embeddings.shape[0]
        const pairs = n * (n - 1)
        if (pairs === 0) return tf.mul(tf.sum(embeddings), 0)
        const isOther = tf.sub(1, tf.eye(n))
        const relative = (of: tf.Tensor2D) => {
          const distances = tf.mul(distance.matrix(of, of), isOther)
          // Where all are one point, all are 0 apart.
          return tf.div(distances, tf.maximum(tf.div(tf.sum(distances), pairs), 1e-12))
        }
        const apart = tf.abs(tf.sub(relative(embeddings), withoutGradient(() => relative(references!.refEmbeddings))))
        const near = tf.minimum(apart, 1)
        return tf.div(tf.sum(tf.sub(tf.mul(near, apart), tf.div(tf.square(near), 2))), pairs)
      }),
  }
}
