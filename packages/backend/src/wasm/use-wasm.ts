import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { BackendError } from '@metric-learning/contracts'
import type { BackendInfo } from '../backend-info.js'
import { registerExpectFiniteOnHost } from '../fused-kernels/expect-finite-on-host.js'
import { prepareTfjs } from '../tfjs-runtime.js'
import { conv2DBackpropFilterConfig } from './conv2d-backprop-filter.js'
import { oneHotConfig } from './one-hot.js'
import { withoutNewHandlers } from './without-new-handlers.js'
import { unsortedSegmentSumConfig } from './unsorted-segment-sum.js'

const require = createRequire(import.meta.url)

/** WebAssembly: nothing to install, several times slower than native. */
export async function useWasm(): Promise<BackendInfo> {
  await prepareTfjs()
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm')) + sep)
  registerTrainingKernels()
  registerExpectFiniteOnHost('wasm')
  if (!(await withoutNewHandlers(() => tf.setBackend('wasm')))) {
    throw new BackendError({
      who: "useBackend('wasm')",
      wanted: 'the WebAssembly backend to start',
      got: 'a failure of its initialisation',
      fix: 'Reinstall @tensorflow/tfjs-backend-wasm, or use the `cpu` backend.',
    })
  }
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')
  const device = `WebAssembly${simd ? ' with SIMD' : ''}`
  return { name: 'wasm', tfjsName: 'wasm', device, description: `wasm (${device})` }
}

/** Gives the backend what training needs and it lacks, and replaces what is wrong. Safe to call again. */
function registerTrainingKernels(): void {
  if (tf.getKernel('Conv2DBackpropFilter', 'wasm') !== undefined) return
  tf.registerKernel(conv2DBackpropFilterConfig)
  tf.registerKernel(unsortedSegmentSumConfig)
  const oneHot = tf.getKernel('OneHot', 'wasm')
  tf.unregisterKernel('OneHot', 'wasm')
  tf.registerKernel(oneHotConfig(oneHot))
}
