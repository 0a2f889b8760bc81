import { cpus } from 'node:os'
import { BackendError } from '@metric-learning/contracts'
import type { BackendInfo } from '../backend-info.js'
import { howToInstall } from '../install/how-to-install.js'
import { isInstalled, nativeLayout, tensorflowVersion, type NativeLayout } from '../install/native-layout.js'
import { loadedNativeBackend } from './loaded-native-backend.js'
import { loadNativeBackend } from './native-backend.js'
import { nvidiaGpus } from './nvidia-gpus.js'
import { expectTfjsNode } from './tfjs-node-folder.js'

/**
 * TensorFlow's own library, on the GPU (`cuda`) or on the CPU with all GPUs hidden (`native-cpu`).
 *
 * @throws {BackendError} when there is no GPU, no library, or TensorFlow runs on the other device.
 */
export async function useNative(name: 'cuda' | 'native-cpu', tensorflowLogs = false): Promise<BackendInfo> {
  const gpus = name === 'cuda' && loadedNativeBackend() === undefined ? expectGpus() : nvidiaGpus()
  const layout = expectInstalled(name)
  expectTfjsNode(`useBackend('${name}')`)
  if (name === 'native-cpu') process.env.CUDA_VISIBLE_DEVICES = '-1'
  const { isUsingGpuDevice } = await loadNativeBackend(layout.addon, tensorflowLogs)
  if (isUsingGpuDevice !== (name === 'cuda')) throw otherDevice(name)
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
      got: hidden === undefined ? 'none (`nvidia-smi` lists no GPU)' : `none with CUDA_VISIBLE_DEVICES='${hidden}'`,
      fix: "Install NVIDIA's driver (525 or later), in a container run with `--gpus all`, or use 'native-cpu'.",
    })
  }
  return gpus
}

function expectInstalled(name: 'cuda' | 'native-cpu'): NativeLayout {
  const layouts = (name === 'cuda' ? (['cuda'] as const) : (['cpu', 'cuda'] as const)).map((variant) => nativeLayout(variant))
  const installed = layouts.find(isInstalled)
  if (installed === undefined) {
    throw new BackendError({
      who: `useBackend('${name}')`,
      wanted: `native TensorFlow in ${layouts[0]!.cache}`,
      got: `no installed TensorFlow library${name === 'cuda' ? ' with CUDA' : ''}`,
      fix: howToInstall(name === 'cuda' ? '--cuda' : ''),
    })
  }
  return installed
}

function otherDevice(name: 'cuda' | 'native-cpu'): BackendError {
  return name === 'cuda'
    ? new BackendError({
        who: "useBackend('cuda')",
        wanted: 'TensorFlow to find the GPU',
        got: 'a TensorFlow that finds no GPU, though the driver lists one',
        fix: 'Pass `tensorflowLogs: true` to see why; most often the driver is too old for CUDA 12 (525 or later is needed).',
      })
    : new BackendError({
        who: "useBackend('native-cpu')",
        wanted: 'TensorFlow without a GPU',
        got: 'one that was started with it in this process',
        fix: 'Choose the backend once, before the first tensor; use another process for the other one.',
      })
}
