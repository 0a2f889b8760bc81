import type * as tf from '@tensorflow/tfjs-core'
import { OptionError, StateError, type Optimizer, type Parameters } from '@metric-learning/contracts'
import type { ParameterGroup } from './parameter-groups.js'

/**
 * What one trainer has for itself until it is disposed: its optimizers from when it is made, the variables that it changes from its
 * first step. Two that had them would each take for its own what the other does.
 */
export class Claims {
  static readonly #ofOptimizers = new WeakMap<Optimizer, { readonly by: Claims; readonly variables: ReadonlySet<tf.Variable> }>()
  static readonly #ofVariables = new WeakMap<tf.Variable, Claims>()
  #isReleased = false

  /**
   * One that another trainer has for the very same parameters goes on with these.
   *
   * @throws {OptionError} when another one has an optimizer for other parameters.
   */
  takeOptimizers(groups: Iterable<ParameterGroup>): void {
    for (const { name, optimizer, parameters } of groups) {
      const before = Claims.#ofOptimizers.get(optimizer)
      const variables = new Set(parameters.values())
      const isOther = before !== undefined && this.#isOther(before.by) && !(before.variables.size === variables.size && [...variables].every((variable) => before.variables.has(variable)))
      if (isOther) {
        throw new OptionError({
          who: 'Trainer',
          wanted: 'optimizers of its own',
          got: `one for ${name} that another trainer has for other parameters`,
          fix: 'Make two: they would share a learning rate, and each run would be saved with what the other remembers. Or dispose the other trainer first.',
        })
      }
      Claims.#ofOptimizers.set(optimizer, { by: this, variables })
    }
  }

  /** @throws {StateError} when another trainer has trained one. */
  expectFree(variables: Parameters): void {
    const taken = [...variables].find(([, variable]) => {
      const before = Claims.#ofVariables.get(variable)
      return before !== undefined && this.#isOther(before)
    })
    if (!taken) return
    throw new StateError({
      who: 'Trainer.train',
      wanted: 'modules and losses that no other trainer trains',
      got: `${taken[0]}, which another one has trained`,
      fix: 'Make modules and losses anew for each run, so that it begins where it should; or dispose the other trainer first, where this one is to go on from its weights.',
    })
  }

  takeVariables(variables: Parameters): void {
    for (const variable of variables.values()) Claims.#ofVariables.set(variable, this)
  }

  /** Others may have all of it. */
  release(): void {
    this.#isReleased = true
  }

  #isOther(claims: Claims): boolean {
    return claims !== this && !claims.#isReleased
  }
}
