import { expectState, isStateful, StateError, type Plain, type State, type Stateful } from '@metric-learning/contracts'
import { VariableSnapshot } from './variable-snapshot.js'

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

/**
 * Gives nested parts back what they remembered: all of them or, where one is refused, none.
 *
 * @throws {StateError} when there is none of a nested part, or it does not fit that.
 */
export function restoreNested(who: string, parts: NestedParts, state: State): void {
  const { values, tensors } = expectState(who, state)
  restoreAll(statefulParts(parts).map(([name, part]) => {
    const own = values[name]
    if (own === undefined) {
      throw new StateError({ who, wanted: `a state of ${name}`, got: 'none', fix: 'Make it with the losses and miners that the saved one had.' })
    }
    const ofPart = [...tensors].filter(([tensor]) => tensor.startsWith(`${name}.`))
    return [part, { values: own as Readonly<Record<string, Plain>>, tensors: new Map(ofPart.map(([tensor, value]) => [tensor.slice(name.length + 1), value])) }]
  }))
}

/**
 * Restores several, in order: all of them or, where one refuses its state, none.
 *
 * @throws whatever the first one that refuses throws.
 */
export function restoreAll(states: readonly (readonly [part: Stateful, state: State])[]): void {
  const restored: (() => void)[] = []
  VariableSnapshot.allOrNothing(() => {
    try {
      for (const [part, state] of states) {
        const before = part.state()
        restored.unshift(() => {
          part.restore(before)
        })
        part.restore(state)
      }
    } catch (error) {
      // Values on the host; those of variables go back after this.
      for (const undo of restored) undoQuietly(undo)
      throw error
    }
  })
}

/** What could not take a state may not take its own again: the first error is the one to hear of. */
function undoQuietly(undo: () => void): void {
  try {
    undo()
  } catch {
    // As above.
  }
}

const statefulParts = (parts: NestedParts) => Object.entries(parts).filter((entry): entry is [string, Stateful] => isStateful(entry[1]))
