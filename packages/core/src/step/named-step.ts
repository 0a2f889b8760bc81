import type * as tf from '@tensorflow/tfjs-core'
import { CompilableStep, type CompilableStepOptions } from '@metric-learning/ops'

/** Tensors in groups, such as losses and gradients, each by name. */
export type NamedResults<Group extends string> = Readonly<Record<Group, tf.NamedTensorMap>>

/** What the code of a step gives: results and, where it watches, asides by name. */
export type WatchedGroups<Group extends string> = NamedResults<Group> & { readonly asides?: tf.NamedTensorMap }

/**
 * A compilable step whose results have names: those of the last time that it ran as code on inputs of such shapes. Code that watches
 * gives a group of asides beside them, which are computed where they are asked for.
 */
export class NamedStep<Given, Group extends string> {
  readonly #step: CompilableStep
  readonly #names = new Map<string, readonly (readonly [group: string, names: readonly string[]])[]>()
  /** What the run under way is about. */
  #given: Given | undefined
  #key = ''

  /** @param code what it does, with tensors out of the inputs that are given with them; asides where it watches */
  constructor(name: string, code: (given: Given, isWatching: boolean) => WatchedGroups<Group>, options: CompilableStepOptions) {
    const run = (isWatching: boolean) => {
      const { asides = {}, ...groups } = code(this.#given!, isWatching) as { readonly [group: string]: tf.NamedTensorMap } & { readonly asides?: tf.NamedTensorMap }
      const named = [...Object.entries<tf.NamedTensorMap>(groups), ...(isWatching ? [['asides', asides] as const] : [])]
      this.#names.set(this.#key, named.map(([group, tensors]) => [group, Object.keys(tensors)]))
      return { results: Object.values<tf.NamedTensorMap>(groups).flatMap((tensors) => Object.values(tensors)), asides: Object.values(asides) }
    }
    this.#step = new CompilableStep(name, () => run(false).results, { ...options, watched: () => run(true) })
  }

  /**
   * @param given what the code computes with
   * @param inputs all tensors in it that are other ones in each run
   * @param facts names all that may change what the code does, besides the shapes of `inputs`
   * @param isWatched whether asides are asked for
   * @returns tensors of the surrounding `tf.tidy`; without asides where nobody asks for them, or there are none
   */
  run(given: Given, inputs: readonly tf.Tensor[], facts = '', isWatched = false): WatchedGroups<Group> {
    this.#given = given
    this.#key = `${facts} ${shapesOf(inputs)}`
    const results = this.#results(inputs, facts, isWatched).values()
    const named = ([group, names]: readonly [string, readonly string[]]) => [group, Object.fromEntries(names.map((name) => [name, results.next().value!]))] as const
    const groups = this.#names.get(this.#key)!.filter(([group]) => group !== 'asides' || isWatched)
    return Object.fromEntries(groups.map(named)) as WatchedGroups<Group>
  }

  #results(inputs: readonly tf.Tensor[], facts: string, isWatched: boolean): readonly tf.Tensor[] {
    try {
      if (!isWatched) return this.#step.run(inputs, facts)
      const { results, asides } = this.#step.watch(inputs, facts)
      return [...results, ...asides]
    } finally {
      // A batch on the host is large.
      this.#given = undefined
    }
  }

  /** The step itself, to be verified, cleared or disposed. */
  get compilable(): CompilableStep {
    return this.#step
  }
}

/** By types and shapes, graphs are told apart. */
const shapesOf = (tensors: readonly tf.Tensor[]): string => tensors.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(' ')
