import { dirname, join } from 'node:path'
import { NATIVE_NEIGHBOURS, type NativeNeighboursConfig } from '@metric-learning/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { registerStepCompiler } from '../compile/register-step-compiler.js'
import { registerFusedKernels } from '../fused-kernels/register-fused-kernels.js'
import { prepareTfjs } from '../tfjs-runtime.js'
import { allowFloat64Outputs } from './float64-outputs.js'
import { registerGatherWithoutRead } from './gather-without-read.js'
import { restoreLegacyUtil } from './legacy-util.js'
import { loadedNativeBackend, nativeBackendName } from './loaded-native-backend.js'
import { requireAddon, requireNeighbours } from './require-addon.js'

/**
 * Loads a compiled addon and makes it the backend in use, with all kernels of tfjs-node. A process has one: when
 * it is loaded already, `addon` plays no part.
 *
 * TensorFlow reads its settings from the environment as it is loaded. What is set already is kept, otherwise
 * `TF_FORCE_GPU_ALLOW_GROWTH=true` (take GPU memory as needed), `TF_ENABLE_ONEDNN_OPTS=1` (oneDNN's kernels: by itself TensorFlow leaves them
 * off on processors without AVX-512 VNNI, where training takes two to four times as long without them) and, unless `tensorflowLogs`,
 * `TF_CPP_MIN_LOG_LEVEL=3`.
 *
 * @throws {BackendError} when the addon cannot be loaded.
 */
export async function loadNativeBackend(addon: string, tensorflowLogs = false): Promise<NodeJSKernelBackend> {
  if (loadedNativeBackend() === undefined) {
    if (!tensorflowLogs) process.env.TF_CPP_MIN_LOG_LEVEL ??= '3'
    process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
    process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
    restoreLegacyUtil()
    await prepareTfjs()
    const binding = requireAddon(addon, tensorflowLogs)
    const { NodeJSKernelBackend } = await import('#tfjs-node/nodejs_kernel_backend.js')
    await import('#tfjs-node/register_all_kernels.js')
    registerGatherWithoutRead(nativeBackendName)
    registerStepCompiler(nativeBackendName)
    const backend = new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu')
    registerNeighbours(join(dirname(addon), 'neighbours.node'), !backend.isUsingGpuDevice)
    registerFusedKernels(nativeBackendName, backend.isUsingGpuDevice ? 'GPU' : 'CPU')
    allowFloat64Outputs(backend)
    tf.registerBackend(nativeBackendName, () => backend, 3)
  }
  await tf.setBackend(nativeBackendName)
  return loadedNativeBackend()!
}

/** Lets whoever ranks embeddings find the addon without depending on this package. */
function registerNeighbours(addon: string, onSameCores: boolean): void {
  const config: NativeNeighboursConfig = { kernelName: NATIVE_NEIGHBOURS, backendName: nativeBackendName, kernelFunc: () => [], neighbours: requireNeighbours(addon), onSameCores }
  tf.registerKernel(config)
}
