import * as tf from '@tensorflow/tfjs-core'
import { STEP_COMPILER, type StepCompilerConfig } from '@metric-learning/ops'
import { loadedNativeBackend } from '../native/loaded-native-backend.js'
import { compileStep } from './compile-step.js'
import { GraphRecorder } from './graph-recorder.js'

/** Lets whoever has a step, such as the trainer, find {@link compileStep} without depending on this package. */
export function registerStepCompiler(backendName: string): void {
  const config: StepCompilerConfig = {
    kernelName: STEP_COMPILER,
    backendName,
    kernelFunc: () => [],
    compile: compileStep,
    noteUpdate: (update) => GraphRecorder.active(loadedNativeBackend()!)?.note(update),
  }
  tf.registerKernel(config)
}
