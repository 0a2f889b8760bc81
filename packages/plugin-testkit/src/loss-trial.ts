import * as tf from '@tensorflow/tfjs-core'
import type { ComputeOptions, LabelRelations, Loss } from '@metric-learning/contracts'
import type { Batch } from './batches.js'
import { gradientOf } from './differences.js'

/** A batch, its labels possibly worked out before. */
export type TriedBatch = Omit<Batch, 'labels'> & { readonly labels: Batch['labels'] | LabelRelations }

/** A loss in a state that every call starts from, so that calls can be repeated. */
export class LossTrial {
  readonly #before: readonly (readonly [tf.Variable, tf.Tensor])[]

  constructor(
    readonly loss: Loss,
    readonly withLabels: boolean,
  ) {
    this.#before = [...(loss.buffers ?? new Map<string, tf.Variable>()).values()].map((buffer) => [buffer, tf.clone(buffer)])
  }

  /** The value for a batch, with the buffers as they were. */
  value(batch: TriedBatch, options: ComputeOptions = {}): tf.Scalar {
    for (const [buffer, value] of this.#before) buffer.assign(value)
    return this.next(batch, options)
  }

  /** The value for a batch, with the buffers as the call before left them. */
  next({ embeddings, labels }: TriedBatch, options: ComputeOptions = {}): tf.Scalar {
    return this.loss.compute(embeddings, (this.withLabels ? labels : undefined) as LabelRelations, options)
  }

  /** The gradient of the value with respect to the embeddings. */
  gradient(batch: Batch, options: ComputeOptions = {}): tf.Tensor2D {
    return gradientOf('the gradient of the embeddings', (at) => this.value({ ...batch, embeddings: at as tf.Tensor2D }, options), batch.embeddings)
  }

  /** The gradient of the value with respect to a parameter; `undefined` where none flows there. */
  parameterGradient(name: string, batch: Batch, options: ComputeOptions = {}): tf.Tensor | undefined {
    const variable = this.loss.parameters.get(name)!
    return tf.tidy(() => {
      const { grads } = tf.engine().gradients(() => this.value(batch, options), [variable], undefined, true)
      return grads[0]
    })
  }

  /** Frees what it made; what the loss keeps is the loss's. */
  dispose(): void {
    tf.dispose(this.#before.map(([, value]) => value))
  }
}
