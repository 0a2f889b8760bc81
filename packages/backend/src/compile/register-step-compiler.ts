import * as tf from '@tensorflow/tfjs-core'
import { STEP_COMPILER, type StepCompilerConfig } from '@metric-learning/core'
import { compileStep } from './compile-step.js'

/** Lets whoever has a step, such as the trainer, find {@link compileStep} without depending on this package. */
export function registerStepCompiler(backendName: string): void {
  const config: StepCompilerConfig = { kernelName: STEP_COMPILER, backendName, kernelFunc: () => [], compile: compileStep }
  tf.registerKernel(config)
}
