import { join } from 'node:path'
import { saveModule } from '@metric-learning/models'
import { CheckpointError } from './checkpoint-error.js'
import { readCheckpoint } from './read-checkpoint.js'

const SECTION = 'modules.'

/**
 * Writes the modules of a checkpoint as safetensors files of their own, `trunk.safetensors` and `embedder.safetensors` with the
 * default scheme: names and layout of PyTorch, as `loadModule` reads them. Of the best model:
 * `exportModel((await bestCheckpoint(run, { metric: 'heldOut/precisionAt1', mode: 'max' }))!, 'best-model')`.
 *
 * @param folder path of the checkpoint
 * @param into where the files go; made when it is missing
 * @returns their paths
 * @throws {CheckpointError} as `readCheckpoint`, or when the checkpoint has no module.
 * @throws {DataError} when a file can't be written.
 */
export async function exportModel(folder: string, into: string): Promise<readonly string[]> {
  const checkpoint = await readCheckpoint(folder)
  try {
    const modules = Object.entries(checkpoint.state).filter(([section]) => section.startsWith(SECTION))
    if (modules.length === 0) {
      throw new CheckpointError({
        who: 'exportModel',
        kind: 'damaged',
        file: folder,
        wanted: `sections ${SECTION}<name> in ${folder}`,
        got: Object.keys(checkpoint.state).join(', ') || 'an empty state',
        fix: 'Export a checkpoint of a trainer.',
      })
    }
    const written: string[] = []
    for (const [section, { tensors = new Map<string, never>() }] of modules) {
      const name = section.slice(SECTION.length)
      const path = join(into, `${name}.safetensors`)
      await saveModule({ name, parameters: tensors, buffers: new Map() }, path)
      written.push(path)
    }
    return written
  } finally {
    checkpoint.dispose()
  }
}
