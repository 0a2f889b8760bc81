import * as tf from '@tensorflow/tfjs-core'
import { PluginError, StateError, type Parameters } from '@metric-learning/contracts'
import type { HookSet } from '../hooks/hook-set.js'
import type { PlannedUpdate, TrainingPlan } from '../plan/training-plan.js'
import { deadGradient, isLive, tappedBy } from './live-gradient.js'
import type { LossTermsByName } from './loss-terms.js'

/** What the backward pass from loss terms gives. */
export interface Backward {
  readonly terms: LossTermsByName
  /** In the order of what was differentiated at; `undefined` for what the terms do not follow from. */
  readonly gradients: readonly (tf.Tensor | undefined)[]
}

/** The terms that a function computes, and the gradients of their sum at some tensors. */
export function backward(terms: () => LossTermsByName, at: readonly tf.Tensor[]): Backward {
  const kept = new Map<string, tf.Scalar>()
  const sum = (): tf.Scalar => {
    const found = terms()
    for (const [name, term] of found) kept.set(name, tf.keep(tf.clone(term)))
    return found.size === 1 ? [...found.values()][0]! : tf.addN([...found.values()])
  }
  try {
    const gradients = gradientsAt(sum, at)
    // Copies that belong to the surrounding tidy; the kept ones go.
    return { terms: new Map([...kept].map(([name, term]) => [name, tf.clone(term)])), gradients }
  } finally {
    tf.dispose([...kept.values()])
  }
}

/** The gradients of a scalar, which leave nothing behind where it throws: what tfjs saves for the way back it frees only on that way. */
export function gradientsAt(forward: () => tf.Scalar, at: readonly tf.Tensor[]): readonly (tf.Tensor | undefined)[] {
  let failure: { readonly error: unknown } | undefined
  const caught = (): tf.Scalar => {
    try {
      return forward()
    } catch (error) {
      failure = { error }
      return tf.scalar(0)
    }
  }
  const { grads } = tf.engine().gradients(caught, [...at], undefined, true)
  if (failure) throw failure.error
  // Null for tensors that lead nowhere, whatever its type says.
  return (grads as (tf.Tensor | null | undefined)[]).map((gradient) => gradient ?? undefined)
}

/** Gradients that there are, by names. */
export const gradientsByName = (names: Iterable<string>, gradients: readonly (tf.Tensor | undefined)[]): Map<string, tf.Tensor> =>
  new Map([...names].flatMap((name, i) => (gradients[i] ? [[name, gradients[i]] as const] : [])))

/**
 * The parameters of an update that gradients may change now: none where it is frozen as a whole while another update trains, such
 * as one side of two that take turns.
 *
 * @throws {StateError} when nothing of the run may change.
 */
export function trainableOf(update: PlannedUpdate, plan: TrainingPlan): Parameters {
  const trainable = new Map(update.groups.flatMap(({ parameters }) => [...parameters]).filter(([, variable]) => variable.trainable))
  if (trainable.size > 0 || [...plan.parameters.values()].some((variable) => variable.trainable)) return trainable
  const { name, modules, groups } = update
  throw new StateError({
    who: `Trainer, update "${name}"`,
    wanted: 'at least one parameter that may change',
    got: groups.length === 0 ? `none in ${modules.join(', ')} and its losses` : 'only frozen ones (`trainable` is false)',
    fix: 'Leave a parameter trainable, or leave the training out.',
  })
}

/**
 * What taps of `hooks.gradients` make of the gradients of an update. Inside the step.
 *
 * @throws {PluginError} when one of them has no name that came, or another shape or type: it would be dropped in silence.
 * @throws {ShapeError} when one is no tensor, or was disposed.
 */
export function hookedGradients(hooks: HookSet, update: string, own: ReadonlyMap<string, tf.Tensor>): ReadonlyMap<string, tf.Tensor> {
  const { gradients } = hooks.gradients.call({ update, gradients: own })
  const plugins = tappedBy(hooks.gradients.taps)
  const dead = [...gradients].find(([, gradient]) => !isLive(gradient))
  if (dead) throw deadGradient('hooks.gradients', ...dead).in(plugins)
  const fault = [...gradients].find(([name, { shape, dtype }]) => own.get(name)?.shape.join() !== shape.join() || dtype !== 'float32')
  if (fault === undefined) return gradients
  const [name, { shape, dtype }] = fault
  const wanted = own.get(name)
  throw new PluginError({
    who: 'hooks.gradients',
    wanted: wanted ? `the gradient of ${name} as float32 [${wanted.shape.join(', ')}]` : `gradients of ${[...own.keys()].slice(0, 3).join(', ')}${own.size > 3 ? ', …' : ''}`,
    got: wanted ? `${dtype} [${shape.join(', ')}]` : `one of ${name}`,
    fix: 'Return a map with the names that came; leave a name out to leave its parameter as it is.',
    where: plugins,
  })
}

/**
 * Checks that the terms of an update follow from each module that it changes: one that nothing trains would stay as it was made, in silence.
 *
 * @param trainable names of what may change
 * @param reached names of those with a gradient
 * @throws {PluginError} that names the modules and the terms.
 */
export function expectConnected({ name, modules, groups }: PlannedUpdate, trainable: readonly string[], reached: ReadonlySet<string>, terms: Iterable<string>): void {
  const isAny = trainable.some((parameter) => reached.has(parameter))
  const ofModule = (module: string) => groups.filter(({ owner }) => owner === module).flatMap(({ parameters }) => [...parameters.keys()]).filter((parameter) => trainable.includes(parameter))
  const idle = modules.filter((module) => ofModule(module).length > 0 && !ofModule(module).some((parameter) => reached.has(parameter)))
  if (isAny ? idle.length === 0 : trainable.length === 0) return
  const shown = [...terms].map((term) => `"${term}"`)
  throw new PluginError({
    who: `Trainer, update "${name}"`,
    wanted: `a loss that follows from the parameters of ${(isAny ? idle : modules).join(', ')}`,
    got: `${shown.join(', ')}, which ${shown.length === 1 ? 'does' : 'do'} not`,
    fix: isAny
      ? 'Have an objective judge what is computed with it (`of`, `against`), or leave it out of the scheme, or of the `modules` of the update, or freeze it: `trainable = false` of its variables.'
      : 'Compute it from the embeddings, by operations that have gradients: no numbers of the host, no `tf.variable` or `tf.tensor` of values that were read, nothing rounded, compared or counted alone.',
  })
}
