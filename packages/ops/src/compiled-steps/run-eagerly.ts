import * as tf from '@tensorflow/tfjs-core'
import { VariableSnapshot } from '../variable-snapshot.js'
import type { StepFunction } from './step-compiler.js'

/** Runs a step as it is; one that throws changes no variable. */
export const runEagerly = (step: StepFunction, inputs: readonly tf.Tensor[]): tf.Tensor[] =>
  VariableSnapshot.allOrNothing(() => tf.tidy(() => step(...inputs)))
