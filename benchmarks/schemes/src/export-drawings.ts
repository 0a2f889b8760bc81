import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quickDraw } from '@metric-learning/datasets'

/** Writes the drawings of the examples as raw bytes, so that the peer trains on the very same. */
export async function exportDrawings(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const split of ['train', 'test'] as const) {
    const dataset = await quickDraw({ split, ...(split === 'train' && { samplesPerClass: 40 }) })
    const { values } = await dataset.load(Int32Array.from(dataset.labels.keys()))
    writeFileSync(join(folder, `${split}.images.bin`), values)
    writeFileSync(join(folder, `${split}.labels.bin`), new Uint8Array(dataset.labels.buffer))
  }
}
