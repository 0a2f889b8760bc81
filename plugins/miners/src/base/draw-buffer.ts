import * as tf from '@tensorflow/tfjs-core'
import { expectState, StateError, type MineOptions, type State, type Stateful } from '@metric-learning/contracts'
import { expectBackend, expectNotDisposed, firstDrawPosition, nextDrawPosition } from '@metric-learning/ops'

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
    expectNotDisposed(this.#who, [this.#position])
    return position ?? nextDrawPosition(this.#position)
  }

  state(): State {
    expectNotDisposed(this.#who, [this.#position])
    return { tensors: new Map([['draws', this.#position as tf.Tensor]]) }
  }

  /** @throws {StateError} when it is none of a miner that draws; nothing has changed then. */
  restore(state: State): void {
    expectNotDisposed(this.#who, [this.#position])
    const draws = expectState(this.#who, state).tensors.get('draws')
    if (draws?.shape.join() !== this.#position.shape.join() || draws.dtype !== this.#position.dtype) {
      throw new StateError({
        who: this.#who,
        wanted: `"draws" as int32 [${this.#position.shape.join(', ')}], where the draws of a miner stand`,
        got: draws ? `${draws.dtype} [${draws.shape.join(', ')}]` : 'none',
        fix: 'Restore what `state()` gave.',
      })
    }
    this.#position.assign(draws as tf.Tensor1D)
  }

  dispose(): void {
    this.#position.dispose()
  }
}
