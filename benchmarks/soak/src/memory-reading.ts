import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { residentMemory } from '@metric-learning/peer'
import * as tf from '@tensorflow/tfjs-core'

/** Memory after a step. */
export interface MemoryReading {
  readonly step: number
  /** Tensors of tfjs that are alive. */
  readonly tensors: number
  /** Resident memory of the process. */
  readonly mebibytes: number
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Reads memory once JavaScript has let go of what nobody holds: what was not collected yet is no leak. */
export function readMemory(step: number): MemoryReading {
  collectGarbage()
  return { step, tensors: tf.memory().numTensors, mebibytes: residentMemory('now') }
}
