import * as tf from '@tensorflow/tfjs-core'
import { withoutGradient } from '@metric-learning/ops'

/**
 * The last embeddings and their labels, in a ring of fixed size, all on the device: what is there and where the next
 * row goes are variables, so that enqueueing is part of a step like any other.
 */
export class EmbeddingQueue {
  /** float32 [size, dim], zero where nothing is yet. */
  readonly embeddings: tf.Variable<tf.Rank.R2>
  /** int32 [size] */
  readonly labels: tf.Variable<tf.Rank.R1>
  /** The slot of the next row, int32 []. */
  readonly position: tf.Variable<tf.Rank.R0>
  /** Slots in use, the first ones: int32 []. */
  readonly count: tf.Variable<tf.Rank.R0>

  constructor(
    readonly size: number,
    dim: number,
  ) {
    const buffer = <R extends tf.Rank>(init: () => tf.Tensor<R>) => tf.tidy(() => tf.variable(init(), false))
    this.embeddings = buffer(() => tf.zeros<tf.Rank.R2>([size, dim]))
    this.labels = buffer(() => tf.zeros<tf.Rank.R1>([size], 'int32'))
    this.position = buffer(() => tf.scalar(0, 'int32'))
    this.count = buffer(() => tf.scalar(0, 'int32'))
  }

  /** 1 where a slot is in use: float32 [size]. */
  isFilled(): tf.Tensor1D {
    return tf.cast(tf.less<tf.Tensor1D>(tf.range(0, this.size, 1, 'int32'), this.count), 'float32')
  }

  /**
   * Puts rows in place of the oldest ones. Of more rows than there are slots the last ones stay.
   *
   * @param rows float32 [n, dim]
   * @param labels int32 [n]
   * @returns the slots of these rows, int32 [min(n, size)]
   */
  enqueue(rows: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
    const added = rows.shape[0]
    const first = Math.max(0, added - this.size)
    const slots = tf.mod<tf.Tensor1D>(tf.add(tf.range(first, added, 1, 'int32'), this.position), tf.scalar(this.size, 'int32'))
    if (added === 0) return slots
    const kept = withoutGradient(() => tf.slice(rows, first))
    const at = tf.expandDims(slots, 1)
    const isWritten = tf.cast(tf.scatterND(at, tf.ones([added - first], 'int32'), [this.size]), 'bool')
    const embeddings = tf.scatterND(at, kept, this.embeddings.shape)
    this.embeddings.assign(tf.where(tf.expandDims(isWritten, 1), embeddings, this.embeddings) as tf.Tensor2D)
    const written = tf.scatterND(at, tf.slice(labels, first), [this.size])
    this.labels.assign(tf.where(isWritten, written, this.labels) as tf.Tensor1D)
    const size = tf.scalar(this.size, 'int32')
    this.position.assign(tf.mod<tf.Scalar>(tf.add(this.position, tf.scalar(added, 'int32')), size))
    this.count.assign(tf.minimum<tf.Scalar>(tf.add(this.count, tf.scalar(added, 'int32')), size))
    return slots
  }

  /** Empties the queue. */
  reset(): void {
    for (const variable of this.variables()) tf.tidy(() => variable.assign(tf.zerosLike(variable)))
  }

  variables(): tf.Variable[] {
    return [this.embeddings, this.labels, this.position, this.count] as unknown as tf.Variable[]
  }
}
