import * as tf from '@tensorflow/tfjs-core'
import { LabelError, OptionError, type LabelRelations, type LossTerm, type TermBlock } from '@metric-learning/contracts'
import { WeightedReducer, type Counted } from './weighted-reducer.js'

/** Options of {@link ClassWeightedReducer}. */
export interface ClassWeightedReducerOptions {
  /** The weight of each class, by label. */
  readonly weights: ArrayLike<number>
}

/**
 * The mean of the selected values times the weight c of their class, Σ w c v / Σ w (the class weights do not divide);
 * 0 when nothing is selected. The class of a pair or a triplet is its anchor's.
 *
 * @formula R = \frac{\sum_i w_i \, c_{y_i} v_i}{\sum_i w_i}
 * @useWhen Some classes matter more than others, such as rare ones.
 * @example const loss = new TripletMarginLoss({ reducer: new ClassWeightedReducer({ weights: [1, 2, 0.5] }) }) // of the classes 0, 1, 2
 * @throws {OptionError} when the weights are not a list of finite numbers.
 * @throws {LabelError} in {@link reduce} when a label has no weight.
 */
export class ClassWeightedReducer extends WeightedReducer {
  readonly weights: Float32Array

  constructor(options: ClassWeightedReducerOptions) {
    super('ClassWeightedReducer', options, ['weights'])
    const weights = Float32Array.from(options.weights ?? [])
    if (weights.length === 0 || !weights.every(Number.isFinite)) {
      const got = weights.length === 0 ? 'none' : `[${weights.join(', ')}]`
      throw new OptionError({ who: this.name, wanted: '`weights` to be finite numbers, one a class', got, fix: 'List the weights by label.' })
    }
    this.weights = weights
  }

  protected count({ weights }: TermBlock): Counted {
    return { weights, divisor: tf.sum<tf.Scalar>(weights) }
  }

  protected override factors({ classes }: LossTerm, labels: LabelRelations): tf.Tensor1D {
    this.#expectWeighted(classes ?? labels.queryLabels)
    // The labels of a batch come as a tensor, so that a captured step takes those of each batch.
    return tf.gather(tf.tensor1d(this.weights), classes ? tf.tensor1d(classes, 'int32') : labels.queryLabelTensor)
  }

  #expectWeighted(labels: Int32Array): void {
    const stranger = labels.find((label) => label < 0 || label >= this.weights.length)
    if (stranger !== undefined) {
      throw new LabelError({
        who: this.name,
        wanted: `labels in [0, ${this.weights.length}), the classes that have weights`,
        got: String(stranger),
        fix: 'Give every class a weight.',
      })
    }
  }
}
