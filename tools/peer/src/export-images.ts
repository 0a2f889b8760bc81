import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dataset } from '@metric-learning/contracts'

/**
 * Writes data sets as raw bytes, so that the peer trains on the very same images: of each `<name>.images.bin` (uint8, [n, height, width,
 * channels]) and `<name>.labels.bin` (int32), and last `meta.json`, which has `shape`, `mean` and `std` of each by name.
 */
export async function exportImages(folder: string, datasets: Readonly<Record<string, Dataset>>): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const meta: Record<string, unknown> = {}
  for (const [name, dataset] of Object.entries(datasets)) {
    const { values } = await dataset.load(Int32Array.from(dataset.labels.keys()))
    writeFileSync(join(folder, `${name}.images.bin`), values)
    writeFileSync(join(folder, `${name}.labels.bin`), new Uint8Array(Int32Array.from(dataset.labels).buffer))
    meta[name] = { shape: dataset.sampleShape, ...dataset.normalization }
  }
  writeFileSync(join(folder, 'meta.json'), JSON.stringify(meta))
}
