import { join } from 'node:path'
import { saveModule } from '@metric-learning/models'
import type { TestedModel } from './tester-options.js'

/** Writes `trunk.safetensors` and, if there is one, `embedder.safetensors` into a folder, which is made. */
export async function saveModel(folder: string, { trunk, embedder }: TestedModel): Promise<void> {
  await saveModule(trunk, join(folder, 'trunk.safetensors'))
  if (embedder) await saveModule(embedder, join(folder, 'embedder.safetensors'))
}
