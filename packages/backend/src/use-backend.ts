import * as tf from '@tensorflow/tfjs-core'
import { BackendError, expectKnownOptions, OptionError } from '@metric-learning/contracts'
import type { BackendInfo, BackendName } from './backend-info.js'
import { registerExpectFiniteOnHost } from './fused-kernels/expect-finite-on-host.js'
import { nvidiaGpus } from './native/nvidia-gpus.js'
import { tensorflowLogsAreWanted } from './native/tensorflow-logs.js'
import { useNative } from './native/use-native.js'
import { prepareTfjs } from './tfjs-runtime.js'
import { useWasm } from './wasm/use-wasm.js'

/** Options of {@link useBackend}. */
export interface UseBackendOptions {
  /** Receives the one line that says what was taken. Default: a line on standard error. */
  readonly log?: (line: string) => void
  /** Let TensorFlow itself write to standard error, for troubleshooting. Default: whether METRIC_LEARNING_TENSORFLOW_LOGS is 1. */
  readonly tensorflowLogs?: boolean
}

type Use = (options: UseBackendOptions) => Promise<BackendInfo>

/** Fastest first: the order in which `auto` tries. */
const backends: Readonly<Record<BackendInfo['name'], Use>> = {
  cuda: ({ tensorflowLogs }) => useNative('cuda', tensorflowLogs),
  'native-cpu': ({ tensorflowLogs }) => useNative('native-cpu', tensorflowLogs),
  wasm: useWasm,
  cpu: useCpu,
}

/**
 * Makes a backend the one that TensorFlow.js computes on, with gradients for everything and our own kernels where
 * they are faster. Call it once, before the first tensor.
 *
 * - `cuda`: TensorFlow on an NVIDIA GPU, never silently on the CPU;
 * - `native-cpu`: TensorFlow on the CPU, whatever GPUs there are;
 * - `wasm`: WebAssembly, several times slower, needs no set-up;
 * - `cpu`: plain JavaScript, slowest, for tests;
 * - `auto` (default): the first of these that works.
 *
 * One process can use `cuda` or `native-cpu`, not one after the other: TensorFlow chooses its devices as it starts.
 *
 * @throws {BackendError} when the one asked for does not work here: what is missing, and how to get it.
 * @example await useBackend('auto', { log: console.log })
 */
export async function useBackend(name: BackendName = 'auto', options: UseBackendOptions = {}): Promise<BackendInfo> {
  expectKnownOptions('useBackend', options, ['log', 'tensorflowLogs'])
  const log = options.log ?? ((line: string) => process.stderr.write(`${line}\n`))
  if (name !== 'auto' && !Object.hasOwn(backends, name)) {
    throw new OptionError({
      who: 'useBackend',
      wanted: `one of 'auto', ${Object.keys(backends).map((known) => `'${known}'`).join(', ')}`,
      got: `'${String(name)}'`,
      fix: "Pass 'auto' for the fastest that works here, or see docs/backends.md for which one to take when.",
    })
  }
  const { tensorflowLogs = tensorflowLogsAreWanted() } = options
  const info = name === 'auto' ? await useBest({ tensorflowLogs }) : await backends[name]({ tensorflowLogs })
  log(`Backend: ${info.description}`)
  return info
}

/** Takes the first backend that works; the description says what stood in the way of a faster one. */
async function useBest(options: UseBackendOptions): Promise<BackendInfo> {
  const hasGpu = nvidiaGpus().length > 0
  let obstacle: BackendError | undefined
  for (const [name, use] of Object.entries(backends)) {
    if (name === 'cuda' && !hasGpu) continue
    try {
      const info = await use(options)
      if (obstacle === undefined) return info
      const { wanted, got, fix } = obstacle.parts
      return { ...info, description: `${info.description}; slower than it could be: wanted ${wanted}, got ${got}. ${fix}` }
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
      obstacle ??= error
    }
  }
  throw obstacle!
}

/** Plain JavaScript: everywhere, slow. */
async function useCpu(): Promise<BackendInfo> {
  await prepareTfjs()
  registerExpectFiniteOnHost('cpu')
  await tf.setBackend('cpu')
  return { name: 'cpu', tfjsName: 'cpu', device: 'JavaScript', description: 'cpu (plain JavaScript, slow)' }
}
