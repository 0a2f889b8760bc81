import * as tf from '@tensorflow/tfjs-core'
import type { HostTensor, HostValues } from '@metric-learning/models'
import type { RunState } from '@metric-learning/core'

/** A tensor of a run: its name in files, and itself. */
export type NamedTensor = readonly [name: string, tensor: tf.Tensor]

/** A section as it stands in names, where a slash ends it. */
export const escapeSection = (section: string): string => section.replaceAll('%', '%25').replaceAll('/', '%2F')

/** All tensors of a run, by `<section>/<tensor>`. */
export function namedTensors(state: RunState): readonly NamedTensor[] {
  return Object.entries(state).flatMap(([section, { tensors = new Map<string, tf.Tensor>() }]) =>
    [...tensors].map(([name, tensor]) => [`${escapeSection(section)}/${name}`, tensor] as const),
  )
}

/** Section and name of a tensor. */
export function sectionOf(name: string): readonly [section: string, tensor: string] {
  const slash = name.indexOf('/')
  return [name.slice(0, slash).replaceAll('%2F', '/').replaceAll('%25', '%'), name.slice(slash + 1)]
}

/**
 * Shares tensors out among files of at most `limit` bytes each, at 4 bytes a number, in order; a larger tensor has a file of
 * its own. At least one file.
 */
export function shareOut(tensors: readonly NamedTensor[], limit: number): readonly (readonly NamedTensor[])[] {
  const files: NamedTensor[][] = [[]]
  let size = 0
  for (const named of tensors) {
    const bytes = named[1].size * 4
    if (size > 0 && size + bytes > limit) {
      files.push([])
      size = 0
    }
    files.at(-1)!.push(named)
    size += bytes
  }
  return files
}

/**
 * Reads a tensor from the device.
 *
 * @throws {TypeError} when it is of another type than float32, int32 and bool.
 */
export async function toHost([name, tensor]: NamedTensor): Promise<HostTensor> {
  if (!['float32', 'int32', 'bool'].includes(tensor.dtype)) throw new TypeError(`a tensor of type ${tensor.dtype} at ${name}`)
  return { shape: tensor.shape, values: await tensor.data() }
}

/** The tensor, on the device. */
export function toDevice({ shape, values }: HostTensor): tf.Tensor {
  return tf.tensor(values, [...shape], typeOfValues(values))
}

function typeOfValues(values: HostValues): 'float32' | 'int32' | 'bool' {
  return values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : 'bool'
}
