import * as tf from '@tensorflow/tfjs-core'
import type { BackendInfo } from './backend-info.js'
import { prepareTfjs } from './tfjs-runtime.js'

/** Plain JavaScript: everywhere, slow. */
export async function useCpu(): Promise<BackendInfo> {
  await prepareTfjs()
  await tf.setBackend('cpu')
  return { name: 'cpu', tfjsName: 'cpu', device: 'JavaScript', description: 'cpu (plain JavaScript, slow)' }
}
