import { cpus } from 'node:os'
import { BackendError } from '@metric-learning/contracts'
import type { BackendInfo } from '../backend-info.js'
import { howToInstall } from '../install/how-to-install.js'
import { firstInstalled, nativeLayout, tensorflowVersion, type NativeLayout } from '../install/native-layout.js'
import { loadedNativeBackend } from './loaded-native-backend.js'
import { loadNativeBackend } from './native-backend.js'
import { nvidiaGpus } from './nvidia-gpus.js'
import { whyNoGpu } from './why-no-gpu.js'

/**
 * TensorFlow's own library, on the GPU (`cuda`) or on the CPU with all GPUs hidden (`native-cpu`).
 *
 * @throws {BackendError} when there is no GPU, no library, or TensorFlow runs on the other device.
 */
export async function useNative(name: 'cuda' | 'native-cpu', tensorflowLogs = false): Promise<BackendInfo> {
  const gpus = name === 'cuda' && loadedNativeBackend() === undefined ? expectGpus() : nvidiaGpus()
  const layout = expectInstalled(name)
  if (name === 'native-cpu') process.env.CUDA_VISIBLE_DEVICES = '-1'
  const { isUsingGpuDevice } = await loadNativeBackend(layout.addon, tensorflowLogs)
  if (isUsingGpuDevice !== (name === 'cuda')) throw name === 'cuda' ? await noGpu(layout) : startedWithGpu()
  const device = name === 'cuda' ? gpus.join(', ') : processorName()
  return { name, tfjsName: 'tensorflow', device, description: `${name} (TensorFlow ${tensorflowVersion} on ${device})` }
}

function processorName(): string {
  const processors = cpus()
  return `${processors[0]?.model.trim() ?? process.arch}, ${processors.length} threads`
}

function expectGpus(): string[] {
  const gpus = nvidiaGpus()
  if (gpus.length === 0) {
    const hidden = process.env.CUDA_VISIBLE_DEVICES
    throw new BackendError({
      who: "useBackend('cuda')",
      wanted: 'an NVIDIA GPU',
      got: hidden === undefined ? 'none (neither `nvidia-smi` nor the driver lists one)' : `none with CUDA_VISIBLE_DEVICES='${hidden}'`,
      fix: "Install NVIDIA's driver (525 or later), in a container run with `--gpus all`, or use 'native-cpu'.",
    })
  }
  return gpus
}

function expectInstalled(name: 'cuda' | 'native-cpu'): NativeLayout {
  const installed = firstInstalled(name === 'cuda' ? ['cuda', 'system-cuda'] : undefined)
  if (installed === undefined) {
    throw new BackendError({
      who: `useBackend('${name}')`,
      wanted: `native TensorFlow in ${nativeLayout('cpu').cache}`,
      got: `no installed TensorFlow library${name === 'cuda' ? ' with CUDA' : ''}`,
      fix: howToInstall(name === 'cuda' ? '--cuda' : ''),
    })
  }
  return installed
}

async function noGpu(layout: NativeLayout): Promise<BackendError> {
  return new BackendError({ who: "useBackend('cuda')", wanted: 'TensorFlow to find the GPU', ...(await whyNoGpu(layout)) })
}

function startedWithGpu(): BackendError {
  return new BackendError({
    who: "useBackend('native-cpu')",
    wanted: 'TensorFlow without a GPU',
    got: 'one that was started with it in this process',
    fix: 'Choose the backend once, before the first tensor; use another process for the other one.',
  })
}
