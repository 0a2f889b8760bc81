import type * as tf from '@tensorflow/tfjs-core'
import { decodeSafetensors, type HostTensor } from '@metric-learning/models'
import { CheckpointError } from './checkpoint-error.js'
import { readFiles, readManifest, type CheckpointFile } from './format/checkpoint-files.js'
import { damaged, type CheckpointInfo } from './format/manifest.js'
import { decodePlain } from './format/plain-json.js'
import { sectionOf, toDevice } from './format/tensor-files.js'
import { offeringTheOneBefore } from './run-folder.js'
import type { Plain } from '@metric-learning/contracts'
import type { RunState } from '@metric-learning/core'

/** A checkpoint that was read. */
export interface Checkpoint extends CheckpointInfo {
  /** Its path. */
  readonly folder: string
  /** What was saved. Its tensors are the caller's. */
  readonly state: RunState
  /** Frees the tensors. */
  dispose(): void
}

/** What the files of a checkpoint hold, on the host. */
interface HostState {
  readonly values: Map<string, Readonly<Record<string, Plain>>>
  readonly tensors: Map<string, HostTensor>
}

/**
 * Reads a checkpoint, each byte of it checked.
 *
 * @param folder its path, as `latestCheckpoint` gives it
 * @throws {CheckpointError} when a file is damaged, can't be read or is of a newer format: says which and why, and names
 * the newest whole checkpoint before it in the same folder, if there is one (`before`).
 */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  return offeringTheOneBefore(folder, async () => {
    const manifest = await readManifest(folder)
    const read: HostState = { values: new Map(), tensors: new Map() }
    for await (const file of readFiles(folder, manifest)) take(file, read)
    const { position, metrics, time, library } = manifest
    return { folder, position, metrics, time, library, ...onDevice(read) }
  })
}

function take({ name, path, bytes }: CheckpointFile, { values, tensors }: HostState): void {
  try {
    if (name.endsWith('.safetensors')) {
      for (const [key, tensor] of decodeSafetensors(path, bytes).tensors) {
        if (tensors.has(key)) throw damaged(path, `"${key}", which is in a file before it, too`)
        tensors.set(key, tensor)
      }
    } else {
      const sections = decodePlain(bytes.toString()) as Readonly<Record<string, Readonly<Record<string, Plain>>>>
      for (const [section, own] of Object.entries(sections)) values.set(section, own)
    }
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause
    throw damaged(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function onDevice({ values, tensors }: HostState): Pick<Checkpoint, 'state' | 'dispose'> {
  const made = [...tensors].map(([key, tensor]) => [...sectionOf(key), toDevice(tensor)] as const)
  const tensorsOf = (section: string) => new Map<string, tf.Tensor>(made.filter(([of]) => of === section).map(([, name, tensor]) => [name, tensor]))
  return {
    state: Object.fromEntries([...values].map(([section, own]) => [section, { values: own, tensors: tensorsOf(section) }])),
    dispose() {
      for (const [, , tensor] of made) tensor.dispose()
    },
  }
}
