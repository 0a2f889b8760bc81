import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { normalizeRows } from '@metric-learning/distances'
import { meanOver, option, withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { uniform } from './base/weight-init.js'
import { targetMask } from './numerics/cross-entropy.js'
import { reduced } from './terms/over-elements.js'

/** Options of {@link P2SGradLoss}. */
export type P2SGradLossOptions = OptionsOf<typeof P2SGradLoss>

/**
 * The mean over embeddings x and classes c of `(x̂ · w_c - [c is the class of x])²`, with x̂ = x / ‖x‖ and w_c of norm 1.
 * No margin, no scale.
 *
 * One term, `loss`, one number. Parameter `weight` [descriptorsDim, numClasses], uniform over ±1, then columns of norm
 * 1. Every call divides the columns by their norms, in place, before it uses them; the gradient is the one at these
 * weights and does not pass through the division. A zero embedding has cosine 0. No selections, no reference sets, no
 * distance.
 *
 * Zhang et al.: P2SGrad (CVPR 2019), in the form of Wang, Yamagishi (Interspeech 2021), eq. 3.
 *
 * @formula (\hat x \cdot w_c - [c \text{ is the class of } x])^2
 * @useWhen Labelled classes, where neither margin nor scale is to be tuned; the second paper detects spoofed speech
 *   with it.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class P2SGradLoss extends metricLoss({
  name: 'P2SGradLoss',
  distance: 'none',
  reducer: () => new MeanReducer(),
  takesReferences: false,
  takesSelections: false,
  overClasses: true,
  options: {
    /** Size of an embedding. */
    descriptorsDim: option.integer({ min: 1 }),
    /** Labels are integers in [0, numClasses). */
    numClasses: option.integer({ min: 1 }),
    /** Fixes the initial weights. Default 0. */
    seed: option.integer({ default: 0 }),
  },
  numClasses: ({ numClasses }) => numClasses,
  embeddingSize: ({ descriptorsDim }) => descriptorsDim,
  parameters: ({ descriptorsDim, numClasses, seed }) => ({
    weight: () => normalizeColumns(tf.tensor2d(uniform([descriptorsDim, numClasses], new Random(seed)), [descriptorsDim, numClasses])),
  }),
  terms({ embeddings, relations }, { numClasses }, { weight }) {
    weight.assign(withoutGradient(() => normalizeColumns(weight)))
    const isTarget = targetMask(relations.queryLabelTensor, numClasses)
    const cosines = tf.matMul(normalizeRows(embeddings, 2), weight)
    return { loss: reduced(meanOver(tf.reshape(tf.squaredDifference(cosines, isTarget), [-1]), 0)) }
  },
}) {}

const normalizeColumns = (matrix: tf.Tensor2D): tf.Tensor2D => tf.transpose(normalizeRows(tf.transpose(matrix), 2))
