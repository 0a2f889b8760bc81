import type * as tf from '@tensorflow/tfjs-core'
import { CompilableStep, type CompilableStepOptions } from '@metric-learning/ops'

/** Tensors in groups, such as losses and gradients, each by name. */
export type NamedResults<Group extends string> = Readonly<Record<Group, tf.NamedTensorMap>>

/** A compilable step whose results have names: those of the last time that it ran as code on inputs of such shapes. */
export class NamedStep<Given, Group extends string> {
  readonly #step: CompilableStep
  readonly #names = new Map<string, readonly (readonly [group: string, names: readonly string[]])[]>()
  /** What the run under way is about. */
  #given: Given | undefined
  #key = ''

  /** @param code what it does, with tensors out of the inputs that are given with them */
  constructor(name: string, code: (given: Given) => NamedResults<Group>, options: CompilableStepOptions) {
    this.#step = new CompilableStep(
      name,
      () => {
        const groups = Object.entries<tf.NamedTensorMap>(code(this.#given!))
        this.#names.set(this.#key, groups.map(([group, tensors]) => [group, Object.keys(tensors)]))
        return groups.flatMap(([, tensors]) => Object.values(tensors))
      },
      options,
    )
  }

  /**
   * @param given what the code computes with
   * @param inputs all tensors in it that are other ones in each run
   * @param facts names all that may change what the code does, besides the shapes of `inputs`
   * @returns tensors of the surrounding `tf.tidy`
   */
  run(given: Given, inputs: readonly tf.Tensor[], facts = ''): NamedResults<Group> {
    this.#given = given
    this.#key = `${facts} ${shapesOf(inputs)}`
    const results = this.#results(inputs, facts).values()
    const named = ([group, names]: readonly [string, readonly string[]]) => [group, Object.fromEntries(names.map((name) => [name, results.next().value!]))] as const
    return Object.fromEntries(this.#names.get(this.#key)!.map(named)) as NamedResults<Group>
  }

  #results(inputs: readonly tf.Tensor[], facts: string): readonly tf.Tensor[] {
    try {
      return this.#step.run(inputs, facts)
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
