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
  /** Calls of {@link enqueue} that are still to find the queue empty, int32 []; absent where there are none from the start. */
  readonly warmUpLeft: tf.Variable<tf.Rank.R0> | undefined

  /** @param warmUp how many calls of {@link enqueue} empty the queue first */
  constructor(
    readonly size: number,
    dim: number,
    private readonly warmUp = 0,
  ) {
    const buffer = <R extends tf.Rank>(init: () => tf.Tensor<R>) => tf.tidy(() => tf.variable(init(), false))
    this.embeddings = buffer(() => tf.zeros<tf.Rank.R2>([size, dim]))
    this.labels = buffer(() => tf.zeros<tf.Rank.R1>([size], 'int32'))
    this.position = buffer(() => int32(0))
    this.count = buffer(() => int32(0))
    this.warmUpLeft = warmUp > 0 ? buffer(() => int32(warmUp)) : undefined
  }

  /** 1 where a slot is in use: float32 [size]. */
  isFilled(): tf.Tensor1D {
    return tf.cast(tf.less<tf.Tensor1D>(tf.range(0, this.size, 1, 'int32'), this.count), 'float32')
  }

  /**
   * Puts rows in place of the oldest ones. Of more rows than there are slots the last ones stay.
   *
   * @param rows float32 [n, dim], n > 0
   * @param labels int32 [n]
   * @returns the slots of these rows, int32 [min(n, size)]
   */
  enqueue(rows: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
    this.#forgetDuringWarmUp()
    const added = rows.shape[0]
    const first = Math.max(0, added - this.size)
    const size = int32(this.size)
    const slots = tf.mod<tf.Tensor1D>(tf.add(tf.range(first, added, 1, 'int32'), this.position), size)
    const at = tf.expandDims(slots, 1)
    const kept = withoutGradient(() => tf.slice(rows, first))
    this.embeddings.assign(tf.tensorScatterUpdate(this.embeddings, at, kept) as tf.Tensor2D)
    this.labels.assign(tf.tensorScatterUpdate(this.labels, at, tf.slice(labels, first)) as tf.Tensor1D)
    this.position.assign(tf.mod<tf.Scalar>(tf.add(this.position, int32(added)), size))
    this.count.assign(tf.minimum<tf.Scalar>(tf.add(this.count, int32(added)), size))
    return slots
  }

  /** Empties the queue, whose warm-up begins anew. */
  reset(): void {
    tf.tidy(() => {
      for (const variable of this.variables()) variable.assign(tf.zerosLike(variable))
      this.warmUpLeft?.assign(int32(this.warmUp))
    })
  }

  variables(): tf.Variable[] {
    const all = [this.embeddings, this.labels, this.position, this.count, ...(this.warmUpLeft ? [this.warmUpLeft] : [])]
    return all as unknown as tf.Variable[]
  }

  #forgetDuringWarmUp(): void {
    if (!this.warmUpLeft) return
    const isOver = tf.cast(tf.lessEqual(this.warmUpLeft, int32(0)), 'int32')
    this.position.assign(tf.mul(this.position, isOver))
    this.count.assign(tf.mul(this.count, isOver))
    this.warmUpLeft.assign(tf.maximum(tf.sub(this.warmUpLeft, int32(1)), int32(0)))
  }
}

const int32 = (value: number): tf.Scalar => tf.scalar(value, 'int32')
