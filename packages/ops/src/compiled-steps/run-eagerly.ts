import * as tf from '@tensorflow/tfjs-core'
import { VariableSnapshot } from '../variable-snapshot.js'
import type { StepFunction, WatchedResults, WatchedStepFunction } from './step-compiler.js'

/** Runs a step as it is; one that throws changes no variable. */
export const runEagerly = (step: StepFunction, inputs: readonly tf.Tensor[]): tf.Tensor[] =>
  VariableSnapshot.allOrNothing(() => tf.tidy(() => step(...inputs)))

/** The same of one with asides. */
export const watchEagerly = (step: WatchedStepFunction, inputs: readonly tf.Tensor[]): WatchedResults =>
  VariableSnapshot.allOrNothing(() => {
    let watched!: WatchedResults
    tf.tidy(() => {
      watched = step(...inputs)
      return [...watched.results, ...watched.asides]
    })
    return watched
  })
