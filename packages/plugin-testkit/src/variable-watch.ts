import * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from '@metric-learning/contracts'
import { isScheduled, reachableFields } from '@metric-learning/ops'
import { expectThat } from './expectations.js'

/** Variables that are made while something is made and called, wherever it keeps them. */
export class VariableWatch {
  readonly #before = new Set(registered())

  /**
   * Expects that all variables made since are among those by which a run saves and trains it, or of a scheduled number.
   *
   * @param who what is tried
   * @param owned by the name of the field that holds them, such as `parameters`; none for what has no variables
   */
  expectOwned(who: object, owned: Readonly<Record<string, Parameters>>): void {
    const known = new Set<tf.Variable>([...Object.values(owned).flatMap((variables) => [...variables.values()]), ...scheduledIn(who)])
    const stray = registered().filter((variable) => !this.#before.has(variable) && !known.has(variable))
    expectThat(stray.length === 0, {
      what: 'variables that it makes',
      wanted: wantedOf(owned),
      got: `${stray.length} elsewhere: ${stray.map(describe).join(', ')}`,
    })
  }
}

/**
 * Expects that every variable on which a value depends, also one that was made long before, is known.
 *
 * @param value called once
 */
export function expectKnownInfluences(value: () => tf.Tensor, who: object, owned: Readonly<Record<string, Parameters>>): void {
  const known = new Set<tf.Variable>([...Object.values(owned).flatMap((variables) => [...variables.values()]), ...scheduledIn(who)])
  const others = registered().filter((variable) => !known.has(variable) && variable.dtype === 'float32')
  if (others.length === 0) return
  const stray = tf.tidy(() => {
    const { grads } = tf.engine().gradients(value, others, undefined, true) as { grads: (tf.Tensor | null)[] }
    return others.filter((_, i) => grads[i] !== null && grads[i] !== undefined)
  })
  expectThat(stray.length === 0, {
    what: 'variables that its value depends on',
    wanted: wantedOf(owned),
    got: `${stray.length} elsewhere: ${stray.map(describe).join(', ')}, to which gradients flow that no optimizer sees`,
  })
}

/** Scheduled numbers belong to whoever made them; a trainer finds those in public fields. */
function* scheduledIn(who: object): Generator<tf.Variable> {
  for (const { value } of reachableFields({ who })) if (isScheduled(value)) yield value.tensor as tf.Variable
}

const registered = (): tf.Variable[] => Object.values(tf.engine().state.registeredVariables as Readonly<Record<string, tf.Variable>>)
const describe = ({ name, dtype, shape }: tf.Variable): string => `${dtype} [${shape.join(', ')}] (of the name "${name}" in tfjs)`
const wantedOf = (owned: Readonly<Record<string, unknown>>): string =>
  Object.keys(owned).length === 0 ? 'none, for nothing would train or save them' : `each of them in ${Object.keys(owned).map((name) => `\`${name}\``).join(' or ')}`
