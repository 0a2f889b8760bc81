import * as tf from '@tensorflow/tfjs-core'
import { StateError, type MineOptions, type State, type Stateful } from '@metric-learning/contracts'
import { expectBackend, firstDrawPosition, nextDrawPosition } from '@metric-learning/ops'

/** Where the draws of a miner stand that no run counts: on the device, and saved with the miner. */
export class DrawBuffer implements Stateful {
  readonly #who: string
  readonly #position: tf.Variable<tf.Rank.R1>

  /** @throws {BackendError} when there is no backend yet. */
  constructor(who: string) {
    expectBackend(who)
    this.#who = who
    this.#position = tf.tidy(() => tf.variable(firstDrawPosition(), false))
  }

  /** The position that the caller gave, or else that of the buffer, which moves on: int32 [3]. */
  position({ position }: MineOptions): tf.Tensor1D {
    return position ?? nextDrawPosition(this.#position)
  }

  state(): State {
    return { tensors: new Map([['draws', this.#position as tf.Tensor]]) }
  }

  restore({ tensors }: State): void {
    const draws = tensors?.get('draws')
    if (draws?.size !== this.#position.size) throw new StateError({ who: this.#who, wanted: 'the state of a miner that draws', got: 'another', fix: 'Restore what `state()` gave.' })
    this.#position.assign(draws as tf.Tensor1D)
  }

  dispose(): void {
    this.#position.dispose()
  }
}
