import type * as tf from '@tensorflow/tfjs-core'

/** Adam's rule, with the corrections for the first steps already in its numbers. */
export interface AdamRule {
  readonly name: 'adam'
  /** α√c₂ / c₁, a scalar; c = 1 - βᵗ. */
  readonly stepSize: tf.Tensor
  /** ε√c₂, a scalar. */
  readonly epsilon: tf.Tensor
  readonly beta1: number
  readonly beta2: number
  /** αλ, the part by which parameters shrink before the step, a scalar; absent when they don't. */
  readonly shrink?: tf.Tensor
}

/** The rule of gradient descent with momentum. */
export interface MomentumRule {
  readonly name: 'momentum'
  /** α, a scalar. */
  readonly rate: tf.Tensor
  readonly momentum: number
  readonly nesterov: boolean
}

/** The rule of gradient descent. */
export interface DescentRule {
  readonly name: 'descent'
  /** α, a scalar. */
  readonly rate: tf.Tensor
}

/** An average that moves towards a variable: ā ← ā + share · (x - ā), x what the variable holds after all that came before. */
export interface AverageRule {
  readonly name: 'average'
  /** A scalar. */
  readonly share: tf.Tensor
  readonly of: tf.Variable
}

/** A rule that is known well enough for backends to have an operation for it. */
export type InPlaceRule = AdamRule | MomentumRule | DescentRule | AverageRule

/** What an optimizer does to one parameter, or a plugin to an average, for a step compiler that can do the same where the values lie. */
export interface InPlaceUpdate {
  readonly rule: InPlaceRule
  /** The parameter, then its slots in the order of the rule's formula (Adam: m, v; momentum: b), not assigned yet. */
  readonly variables: readonly tf.Variable[]
  /** Absent for an average. */
  readonly gradient?: tf.Tensor
  /** What is about to be assigned to each of `variables`. */
  readonly next: readonly tf.Tensor[]
}
