import * as tf from '@tensorflow/tfjs-core'
import type { Module } from '@metric-learning/contracts'
import type { AveragedWeight, AveragesOptions } from '../plugin.js'

/**
 * Averages of what modules consist of, which stand in their place while the run is evaluated, and when it has ended: the modules'
 * variables and the averages then have each other's values.
 */
export class WeightAverages {
  readonly weights: readonly AveragedWeight[]
  readonly #areShown: () => boolean
  readonly #averageOf: ReadonlyMap<tf.Variable, tf.Variable>
  #haveSwapped = false

  /** @param modules by name, those that training changes */
  constructor(
    private readonly modules: ReadonlyMap<string, Module>,
    { areShown = () => true }: AveragesOptions,
  ) {
    this.#areShown = areShown
    this.weights = [...modules].flatMap(([owner, { parameters, buffers }]) => {
      const averaged = (isBuffer: boolean) => ([name, weight]: readonly [string, tf.Variable]) => ({ name: `${owner}.${name}`, weight, average: copyOf(weight), isBuffer })
      return [...[...parameters].map(averaged(false)), ...[...buffers].map(averaged(true))]
    })
    this.#averageOf = new Map(this.weights.map(({ weight, average }) => [weight, average]))
  }

  /** Averages become the weights as they are. */
  copy(): void {
    this.hide()
    tf.tidy(() => {
      for (const { weight, average } of this.weights) average.assign(tf.clone(weight))
    })
  }

  /** Before they are saved: as long as evaluations see weights, averages are the same. */
  settle(): void {
    if (!this.#areShown()) this.copy()
  }

  /** Averages in place of the weights, if it is time for them. */
  show(): void {
    if (!this.#haveSwapped && this.#areShown()) this.#swap()
  }

  /** The weights themselves. */
  hide(): void {
    if (this.#haveSwapped) this.#swap()
  }

  /** The variable that has the value of a weight now: its own, unless averages are shown. */
  holderOf(weight: tf.Variable): tf.Variable {
    return (this.#haveSwapped ? this.#averageOf.get(weight) : undefined) ?? weight
  }

  /** By module what has the averages of its weights now, by their names there. */
  get sections(): ReadonlyMap<string, ReadonlyMap<string, tf.Variable>> {
    const holderOf = (weight: tf.Variable) => (this.#haveSwapped ? weight : this.#averageOf.get(weight)!)
    return new Map([...this.modules].map(([owner, { parameters, buffers }]) => [owner, new Map([...parameters, ...buffers].map(([name, weight]) => [name, holderOf(weight)]))]))
  }

  /** Frees the averages; whatever the modules hold then stays. */
  dispose(): void {
    for (const { average } of this.weights) average.dispose()
  }

  #swap(): void {
    tf.tidy(() => {
      for (const { weight, average } of this.weights) {
        const [own, other] = [tf.clone<tf.Tensor>(weight), tf.clone<tf.Tensor>(average)]
        weight.assign(other)
        average.assign(own)
      }
    })
    this.#haveSwapped = !this.#haveSwapped
  }
}

const copyOf = (weight: tf.Variable): tf.Variable => tf.tidy(() => tf.variable(tf.clone<tf.Tensor>(weight), false))
