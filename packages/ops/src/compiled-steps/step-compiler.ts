import * as tf from '@tensorflow/tfjs-core'
import type { InPlaceUpdate } from './in-place-update.js'

/** A pure function of tensors: it may read and assign variables, and reads nothing on the host. */
export type StepFunction = (...inputs: tf.Tensor[]) => tf.Tensor[]

/** What a step gives, and what it computes only to be looked at. */
export interface WatchedResults {
  readonly results: tf.Tensor[]
  /**
   * Neither results nor assignments follow from them. They are not to fail: a graph assigns without waiting for them, so that a step
   * of which an aside fails may be taken all the same.
   */
  readonly asides: tf.Tensor[]
}

/** A step that computes asides as well. */
export type WatchedStepFunction = (...inputs: tf.Tensor[]) => WatchedResults

/** A step that a backend runs as a whole, called like the function it was made of. */
export interface CompiledStep {
  (...inputs: tf.Tensor[]): tf.Tensor[]
  /** The same step, with its asides, where there are some: {@link CompileOptions.watched}. */
  watch(...inputs: tf.Tensor[]): WatchedResults
  /** Forgets what was captured; the next call captures anew. */
  clear(): void
  /** Has the next call see whether the step still does what was captured; see {@link CompileOptions.guarded} for what is seen without. */
  verify(): void
  /** Frees what the backend holds; variables keep their values. */
  dispose(): void
}

/** The values of {@link Precision}. */
export const PRECISIONS = ['float32', 'bfloat16'] as const

/**
 * What the layers of a graph compute in: convolutions, the matrix products of layers, and the gradients of both.
 * Weights, their assignments, normalisation, reductions and the loss are float32 in any case.
 */
export type Precision = (typeof PRECISIONS)[number]

/** What a compiler may be told. */
export interface CompileOptions {
  /** What to do when the step can't be captured: run it as it is with one warning, or throw. Default `'warn'`. */
  readonly fallback?: 'warn' | 'throw'
  /** Receives the warning. Default `process.emitWarning`. */
  readonly warn?: (message: string) => void
  /** Names the step in messages. Default `'step'`. */
  readonly name?: string
  /** Of the graph; a step that runs eagerly computes in float32. Default `'float32'`. */
  readonly precision?: Precision
  /**
   * What the step depends on besides its inputs and variables, by names for messages: losses, modules, plugins. The plain values
   * of their public fields, as `reachableFields` finds them, are compared before each run; one that changed has the step captured
   * anew, for this very run. Default: nothing is compared.
   */
  readonly guarded?: Readonly<Record<string, object>>
  /**
   * Graphs kept, one for each combination of input shapes; the one unused longest goes first. There is a warning where more
   * shapes alternate, so that graphs are made again and again. Default 8.
   */
  readonly maxGraphs?: number
  /**
   * Told when a call found that the step does something else than was captured, before that call takes the step: other compiled
   * steps of the same code should `verify()`. All graphs of this one do so by themselves.
   */
  readonly onChange?: () => void
  /**
   * The same step with asides: what is computed only to be looked at, now and then. It is what is captured, and a call computes asides
   * only where it asks for them. Default: the step, without any.
   */
  readonly watched?: WatchedStepFunction
}

/** Makes a step that runs as a whole; throws an `OptionError` for a precision that it does not know. */
export type StepCompiler = (step: StepFunction, options?: CompileOptions) => CompiledStep

/** Where a backend puts its compiler among its kernels: a kernel configuration that carries it. */
export interface StepCompilerConfig extends tf.KernelConfig {
  readonly kernelName: typeof STEP_COMPILER
  readonly compile: StepCompiler
  /** Tells a step that is being captured what an assignment amounts to; without effect otherwise. */
  readonly noteUpdate: (update: InPlaceUpdate) => void
}

/** The name under which a backend registers its {@link StepCompilerConfig}. */
export const STEP_COMPILER = 'MetricLearningStepCompiler'

/** The compiler of the backend in use; `undefined` when it has none. */
export function stepCompiler(): StepCompiler | undefined {
  return config()?.compile
}

/**
 * Says what an optimizer is about to assign, for compilers that have an operation for its rule. The values are computed
 * and assigned all the same.
 */
export function noteUpdate(update: InPlaceUpdate): void {
  config()?.noteUpdate(update)
}

const config = () => tf.getKernel(STEP_COMPILER, tf.getBackend()) as StepCompilerConfig | undefined
