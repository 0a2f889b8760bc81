import * as tf from '@tensorflow/tfjs-core'
import { expectShape, type Labels } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { expectDegrees, option } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { classVectorsLoss, type ClassVectors } from './base/class-vectors-loss.js'
import type { OptionsOf } from './base/metric-loss.js'
import { addAngle, toRadians } from './numerics/angles.js'
import { labelSmoothingOption } from './numerics/cross-entropy.js'
import { marginCrossEntropy } from './numerics/margin-cross-entropy.js'
import { overElements, weighed } from './terms/over-elements.js'

/** What {@link SubCenterArcFaceLoss.getOutliers} is asked for. */
export interface OutlierOptions {
  /** Angle to the dominant centre of the class beyond which an embedding is an outlier. In degrees. Default 75. */
  readonly threshold?: number
}

/** What {@link SubCenterArcFaceLoss.getOutliers} finds. */
export interface Outliers {
  /** Rows of the embeddings, class after class. */
  readonly outliers: Int32Array
  /** The dominant centre of each class, one a column: float32 [embeddingSize, numClasses]. The caller's to dispose. */
  readonly dominantCenters: tf.Tensor2D
}

/** Options of {@link SubCenterArcFaceLoss}. */
export type SubCenterArcFaceLossOptions = OptionsOf<typeof SubCenterArcFaceLoss>

/**
 * {@link ArcFaceLoss} with several centres a class, of which the nearest counts: θ_c is the smallest angle between an
 * embedding and the centres of class c. Noisy samples gather at centres of their own.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses · subCenters] from N(0, 1); class c owns the columns
 * c · subCenters … (c + 1) · subCenters - 1.
 *
 * Deng et al.: Sub-center ArcFace (ECCV 2020), eq. 3 and 4.
 *
 * @formula -\log\frac{e^{s \cos(\theta_y + m)}}{e^{s \cos(\theta_y + m)} + \sum_{c \ne y} e^{s \cos\theta_c}}, \qquad \theta_c = \min_k
 *   \theta_{ck},\; s = \mathrm{scale},\; m = \mathrm{margin}
 * @useWhen Labelled classes with wrong labels among them: their samples gather at other centres, and
 *   {@link SubCenterArcFaceLoss.getOutliers} lists them.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class SubCenterArcFaceLoss extends classVectorsLoss({
  name: 'SubCenterArcFaceLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new MeanReducer(),
  options: {
    /** Added to the angle between an embedding and the nearest centre of its class. In degrees. Default 28.6 (0.5 rad). May be scheduled. */
    margin: option.degrees({ default: 28.6 }),
    /** Factor of all logits. Default 64. May be scheduled. */
    scale: option.number({ default: 64, above: 0 }),
    /** How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled. */
    labelSmoothing: labelSmoothingOption,
    /** Centres of each class, at least 1. Default 3. */
    subCenters: option.integer({ default: 3, min: 1 }),
  },
  vectorsPerClass: ({ subCenters }) => subCenters,
  logits: (embeddings, { scale, subCenters }, vectors) => tf.mul(toNearest(embeddings, subCenters, vectors), scale),
  terms(inputs, { margin, scale, labelSmoothing, subCenters }, vectors) {
    const cosines = toNearest(inputs.embeddings, subCenters, vectors)
    const entropy = marginCrossEntropy(cosines, inputs.relations.queryLabelTensor, { scale, labelSmoothing, margin: (cosine) => addAngle(cosine, toRadians(margin)) })
    return { loss: overElements(weighed(entropy, inputs.elementWeights())) }
  },
}) {
  /**
   * Embeddings far from the centre that most of their class is nearest to: candidates for wrong labels. Reads from the
   * device; not for use in a step.
   *
   * @param embeddings float32 [n, embeddingSize]
   * @throws {ShapeError} when the embeddings are of another size.
   * @throws {LabelError} when a label is outside [0, numClasses).
   */
  async getOutliers(embeddings: tf.Tensor2D, labels: Labels, { threshold = 75 }: OutlierOptions = {}): Promise<Outliers> {
    expectShape(this.name, 'embeddings', embeddings, [labels.length, this.embeddingSize])
    expectDegrees(this.name, 'threshold', threshold)
    const classes = Int32Array.from(labels)
    this.checkLabels(classes)
    const cosines = tf.tidy(() => this.distance.matrix(embeddings, tf.transpose(this.parameters.get('W') as tf.Variable<tf.Rank.R2>)))
    const values = await cosines.data()
    cosines.dispose()
    const columns = dominantCenters(values as Float32Array, classes, this.numClasses, this.subCenters)
    const [width, nearest] = [this.numClasses * this.subCenters, Math.cos(toRadians(threshold))]
    const isOutlier = (row: number) => values[row * width + columns[classes[row]!]!]! < nearest
    const rows = Array.from(classes, (_, row) => row).filter(isOutlier)
    const outliers = Int32Array.from(rows.sort((a, b) => classes[a]! - classes[b]!))
    return { outliers, dominantCenters: tf.tidy(() => tf.transpose(tf.gather(tf.transpose(this.parameters.get('W') as tf.Variable<tf.Rank.R2>), columns))) }
  }
}

/** Cosines of embeddings and the nearest centre of each class: float32 [n, numClasses]. */
function toNearest(embeddings: tf.Tensor2D, subCenters: number, vectors: ClassVectors): tf.Tensor2D {
  return tf.max(tf.reshape(vectors.cosinesFrom(embeddings), [embeddings.shape[0], vectors.numClasses, subCenters]), 2)
}

/**
 * For each class the row, among all centres, of the centre that most of its samples are nearest to. The first of
 * equals; the first centre of a class without samples.
 *
 * @param cosines of each sample with each centre, row-major [n, numClasses · subCenters]
 * @param classes of the samples, in [0, numClasses)
 */
function dominantCenters(
  cosines: Float32Array,
  classes: Int32Array,
  numClasses: number,
  subCenters: number,
): Int32Array {
  const width = numClasses * subCenters
  const counts = new Int32Array(width)
  classes.forEach((label, row) => {
    const first = label * subCenters
    const own = cosines.subarray(row * width + first, row * width + first + subCenters)
    counts[first + largest(own)]! += 1
  })
  return Int32Array.from({ length: numClasses }, (_, label) => {
    const first = label * subCenters
    return first + largest(counts.subarray(first, first + subCenters))
  })
}

const largest = (values: Float32Array | Int32Array): number => values.indexOf(Math.max(...values))
