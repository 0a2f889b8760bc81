import { join } from 'node:path'
import { expectBoolean, expectKnownOptions } from '@metric-learning/contracts'
import { saveModule } from '@metric-learning/models'
import { CheckpointError } from './checkpoint-error.js'
import { readCheckpoint } from './read-checkpoint.js'

const SECTION = 'modules.'
const AVERAGES = 'averages.'

/** Options of {@link exportModel}. */
export interface ExportModelOptions {
  /** Writes the weights that training changes, also where the run kept averages of them. Default false. */
  readonly rawWeights?: boolean
}

/**
 * Writes the modules of a checkpoint as safetensors files of their own, `trunk.safetensors` and `embedder.safetensors` with the
 * default scheme, with the averages of their weights where a plugin kept some, as evaluations saw them: names and layout of PyTorch, as `loadModule` reads them. Of the best model:
 * `exportModel((await bestCheckpoint(run, { metric: 'heldOut/precisionAt1', mode: 'max' }))!, 'best-model')`.
 *
 * @param folder path of the checkpoint
 * @param into where the files go; made when it is missing
 * @returns their paths
 * @throws {CheckpointError} as `readCheckpoint`, or when the checkpoint has no module.
 * @throws {DataError} when a file can't be written.
 * @throws {OptionError} when an option is unknown, or none.
 */
export async function exportModel(folder: string, into: string, options: ExportModelOptions = {}): Promise<readonly string[]> {
  expectKnownOptions('exportModel', options, ['rawWeights'])
  const { rawWeights = false } = options
  expectBoolean('exportModel', 'rawWeights', rawWeights)
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
    for (const [section, weights] of modules) {
      const name = section.slice(SECTION.length)
      const averages = rawWeights ? undefined : checkpoint.state[`${AVERAGES}${name}`]
      const { tensors = new Map<string, never>() } = averages ?? weights
      const path = join(into, `${name}.safetensors`)
      await saveModule({ name, parameters: tensors, buffers: new Map() }, path)
      written.push(path)
    }
    return written
  } finally {
    checkpoint.dispose()
  }
}
