import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, expectShape, type Labels } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'
import { addAngle } from './base/add-angle.js'
import { CosineMarginLoss, type CosineMarginLossOptions } from './base/cosine-margin-loss.js'
import { expectDegrees, toRadians } from './base/degrees.js'
import { dominantCenters } from './base/dominant-centers.js'
import type { MarginResult } from './base/margin-cross-entropy.js'

/** Options of {@link SubCenterArcFaceLoss}. */
export interface SubCenterArcFaceLossOptions extends CosineMarginLossOptions {
  /** Added to the angle between an embedding and the nearest centre of its class. In degrees. Default 28.6 (0.5 rad). May be scheduled. */
  readonly margin?: Schedulable
  /** Centres of each class, at least 1. Default 3. */
  readonly subCenters?: number
}

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
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class SubCenterArcFaceLoss extends CosineMarginLoss {
  /** In degrees. */
  readonly margin: Schedulable
  readonly subCenters: number

  constructor(options: SubCenterArcFaceLossOptions) {
    const { margin = 28.6, subCenters = 3 } = options
    expectNumber('SubCenterArcFaceLoss', 'subCenters', subCenters, { min: 1, integer: true })
    super('SubCenterArcFaceLoss', options, { options: ['margin', 'subCenters'], vectorsPerClass: subCenters })
    expectDegrees(this.name, 'margin', margin)
    this.margin = margin
    this.subCenters = subCenters
  }

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
    const cosines = tf.tidy(() => this.distance.matrix(embeddings, this.vectors()))
    const values = await cosines.data()
    cosines.dispose()
    const columns = dominantCenters(values as Float32Array, classes, this.numClasses, this.subCenters)
    const [width, nearest] = [this.numClasses * this.subCenters, Math.cos(toRadians(threshold))]
    const isOutlier = (row: number) => values[row * width + columns[classes[row]!]!]! < nearest
    const rows = Array.from(classes, (_, row) => row).filter(isOutlier)
    const outliers = Int32Array.from(rows.sort((a, b) => classes[a]! - classes[b]!))
    return { outliers, dominantCenters: tf.tidy(() => tf.transpose(tf.gather(this.vectors(), columns))) }
  }

  protected override cosines(embeddings: tf.Tensor2D): tf.Tensor2D {
    const toCenters = super.cosines(embeddings)
    return tf.max(tf.reshape(toCenters, [embeddings.shape[0], this.numClasses, this.subCenters]), 2)
  }

  protected withMargin(cosine: tf.Tensor1D): MarginResult {
    return addAngle(cosine, toRadians(this.margin))
  }
}
