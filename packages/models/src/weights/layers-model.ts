import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import type { HostTensor } from '../safetensors/safetensors-file.js'

interface LayersModel {
  readonly weightsManifest: readonly {
    readonly paths: readonly string[]
    readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[]
  }[]
}

/**
 * The weights of a layers-model of TensorFlow.js, `model.json` and the files beside it, by their names and in the layout of Keras.
 *
 * @throws {DataError} when a file is missing or cut off, or weights are quantised or of another type than float32.
 */
export async function readLayersModel(path: string): Promise<ReadonlyMap<string, HostTensor>> {
  try {
    const { weightsManifest } = JSON.parse(await readFile(path, 'utf8')) as LayersModel
    const tensors = new Map<string, HostTensor>()
    for (const { paths, weights } of weightsManifest) {
      const { buffer } = Uint8Array.from(Buffer.concat(await Promise.all(paths.map((file) => readFile(join(dirname(path), file))))))
      let at = 0
      for (const { name, shape, dtype, ...others } of weights) {
        if (dtype !== 'float32' || 'quantization' in others) throw new Error(`"${name}", which is no plain float32`)
        const size = shape.reduce((product, extent) => product * extent, 1)
        tensors.set(name, { shape, values: new Float32Array(buffer, at, size) })
        at += size * Float32Array.BYTES_PER_ELEMENT
      }
    }
    return tensors
  } catch (cause) {
    const fix = 'Pass the path of model.json, with the files of weights beside it.'
    throw new DataError({ who: 'pretrainedTrunk', wanted: `a layers-model of TensorFlow.js in ${path}`, got: (cause as Error).message, fix, cause })
  }
}
