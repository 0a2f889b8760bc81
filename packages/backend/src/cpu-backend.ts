import * as tf from '@tensorflow/tfjs-core'
import type { BackendInfo } from './backend-info.js'
import { registerExpectFiniteOnHost } from './fused-kernels/expect-finite-on-host.js'
import { prepareTfjs } from './tfjs-runtime.js'

/** Plain JavaScript: everywhere, slow. */
export async function useCpu(): Promise<BackendInfo> {
  await prepareTfjs()
  registerExpectFiniteOnHost('cpu')
  await tf.setBackend('cpu')
  return { name: 'cpu', tfjsName: 'cpu', device: 'JavaScript', description: 'cpu (plain JavaScript, slow)' }
}
