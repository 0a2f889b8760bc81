import * as tf from '@tensorflow/tfjs-core'

/**
 * The names under which a backend may register one fused kernel (`tf.registerKernel`) for what is
 * otherwise composed of many small operations. Whoever owns the operation asks
 * {@link hasFusedKernel} and composes when there is none, so that values are the same everywhere.
 */
export const FusedKernel = {
  /**
   * Batch normalisation over all axes but the last, with the batch's own statistics, which the running ones move
   * towards: running + momentum · (batch's - running), with the unbiased variance (÷ N - 1).
   * inputs `{ x, scale, offset, runningMean, runningVariance }`, attrs `{ epsilon, momentum }` →
   * `[y, mean, variance, reserve1, reserve2, reserve3]`; `mean` and `variance` are the running ones after the move.
   */
  batchNormTraining: 'MetricLearningBatchNormTraining',
  /**
   * Its gradient. inputs `{ dy, x, scale, reserve1, reserve2, reserve3 }`, attrs `{ epsilon }` →
   * `[dx, dScale, dOffset]`.
   */
  batchNormTrainingGrad: 'MetricLearningBatchNormTrainingGrad',
  /** Gradient of relu. inputs `{ dy, y }`, no attrs → `dx`. */
  reluGrad: 'MetricLearningReluGrad',
  /** Gradient of relu6, 0 where y is 0 or 6. inputs `{ dy, y }`, no attrs → `dx`. */
  relu6Grad: 'MetricLearningRelu6Grad',
  /**
   * Softmax cross entropy of each row with its gradient. inputs `{ logits, targets }`, float32 [n, classes] both,
   * the targets of a row sum to 1; no attrs → `[entropy, gradient]`, float32 [n] and softmax - targets.
   */
  softmaxCrossEntropy: 'MetricLearningSoftmaxCrossEntropy',
  /** The same with one class a row. inputs `{ logits, labels }`, `labels` int32 [n] in [0, classes); no attrs. */
  sparseSoftmaxCrossEntropy: 'MetricLearningSparseSoftmaxCrossEntropy',
  /**
   * Distances ‖x_i - y_j‖ between rows: 0 for equal ones, and right to 1e-5 ‖x_i‖, or to 1e-4 of the distance where that
   * is less, down to distances of 1e-5 ‖x_i‖. inputs `{ x, y }`, float32 [n, dim] and [m, dim], attrs `{ diagonal }`: row i of x is row
   * i + diagonal of y, `undefined` for rows of different sets → float32 [n, m].
   */
  euclideanDistances: 'MetricLearningEuclideanDistances',
  /**
   * The farthest positive and the closest negative of each row of x among the rows of y, of equals the first: those of its label, and of
   * others. inputs `{ x, y, labels, refLabels, ownRows, isFilled }`: float32 [n, dim] and [m, dim], int32 [n] and [m]; `undefined` or int32
   * [n], the row of y that each of x is and no pair with; `undefined` or float32 [m], 0 where a row of y is none. attrs `{ normalized,
   * byProduct }`: whether rows are divided by their Euclidean norm first, at least 1e-12; whether close is what has a large product, or
   * a small Euclidean distance. → `[positives, negatives, exists]`, int32, int32 and float32 [n, 1]; 0 in all where there are not both.
   */
  hardestPairs: 'MetricLearningHardestPairs',
  /**
   * What pairs of rows of x and y cost beyond margins, added up: of positive pairs, of equal labels, max(0, d - margins[0]), of the others
   * max(0, margins[1] - d); of products the differences turn round. inputs `{ x, y, labels, refLabels, ownRows, isFilled, margins }`:
   * those of {@link hardestPairs}, and float32 [2]. attrs `{ normalized, byProduct, of }`: the first two likewise; whose gradient is wanted,
   * `'x'`, `'y'`, `'none'`, or of `'both'` together where they are one set and their labels, too. → `[sums, gradients]`: float32 [2, 2],
   * of positive pairs and of negative ones what they cost in all, and how many cost more than 0; float32 [2, n, dim] (of `'y'` [2, m, dim],
   * of `'none'` [2, 0, dim]), the gradients of these two costs, 0 at distance 0 and for rows without a direction. Distances are right to
   * 1e-5 of the rows' norms, or to 1e-4 of the distance where that is less; a cost that is no number counts.
   */
  pairHinges: 'MetricLearningPairHinges',
  /**
   * Distances ‖x_i - y_j‖ of each row of x from some of y. inputs `{ x, y, index }`: float32 [n, dim] and [m, dim], int32 [n, t] in [0, m);
   * attrs `{ normalized }`: whether rows are divided by their norm first, at least 1e-12 → float32 [n, t].
   */
  euclideanDistancesAt: 'MetricLearningEuclideanDistancesAt',
  /**
   * Their gradient, 0 at distance 0 and for rows without a direction. inputs `{ dy, x, y, index }`, attrs `{ normalized, of }` → what comes
   * back to `of`: `'x'` or `'y'`, of its shape, or to `'both'` where they are one set.
   */
  euclideanDistancesAtGrad: 'MetricLearningEuclideanDistancesAtGrad',
  /**
   * Sums of weights by place: inputs `{ places, weights }`, int32 [count] in [0, size) and float32 [count], attrs
   * `{ size }` → float32 [size].
   */
  bincount: 'MetricLearningBincount',
  /** x · y, and 0 where y is 0, NaN in x or not. inputs `{ x, y }`, float32, which broadcast; no attrs. */
  mulNoNan: 'MetricLearningMulNoNan',
  /** x / y, and 0 where y is 0. inputs `{ x, y }`, float32, which broadcast; no attrs. */
  divNoNan: 'MetricLearningDivNoNan',
  /**
   * Fails where a tensor holds NaN or infinity. inputs `{ x }`, float32 of any shape, attrs `{ who, what }`, the names
   * for a NonFiniteError → nothing. Within a compiled step the step fails.
   */
  expectFinite: 'MetricLearningExpectFinite',
} as const

export type FusedKernelName = (typeof FusedKernel)[keyof typeof FusedKernel]

/** Whether the backend in use has registered a fused kernel of this name. */
export function hasFusedKernel(name: FusedKernelName): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined
}
