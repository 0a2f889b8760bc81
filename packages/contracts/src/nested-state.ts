import type * as tf from '@tensorflow/tfjs-core'
import { StateError } from './errors/metric-learning-error.js'
import { isStateful, type Plain, type State, type Stateful } from './stateful.js'

/** Losses and miners within a loss or miner, by what they are called there, such as `losses.1`: as the prefix of their weights, without its dot. */
type NestedParts = Readonly<Record<string, object | undefined>>

/** What nested parts remember beside their parameters and buffers: their values by name, their tensors as `<name>.<tensor>`. */
export function nestedState(parts: NestedParts): State {
  const states = statefulParts(parts).map(([name, part]) => [name, part.state()] as const)
  return {
    values: Object.fromEntries(states.map(([name, { values = {} }]): [string, Plain] => [name, values])),
    tensors: new Map(states.flatMap(([name, { tensors = [] }]) => [...tensors].map(([tensor, value]) => [`${name}.${tensor}`, value] as const))),
  }
}

/** @throws {StateError} when there is none of a nested part, or it does not fit that. */
export function restoreNested(who: string, parts: NestedParts, { values = {}, tensors = new Map<string, tf.Tensor>() }: State): void {
  for (const [name, part] of statefulParts(parts)) {
    const own = values[name]
    if (own === undefined) {
      throw new StateError({ who, wanted: `a state of ${name}`, got: 'none', fix: 'Make it with the losses and miners that the saved one had.' })
    }
    const ofPart = [...tensors].filter(([tensor]) => tensor.startsWith(`${name}.`))
    part.restore({
      values: own as Readonly<Record<string, Plain>>,
      tensors: new Map(ofPart.map(([tensor, value]) => [tensor.slice(name.length + 1), value])),
    })
  }
}

const statefulParts = (parts: NestedParts) => Object.entries(parts).filter((entry): entry is [string, Stateful] => isStateful(entry[1]))
