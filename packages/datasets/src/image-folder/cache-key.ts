import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { ImageFormat } from './decode-image.js'
import { inParallel } from './in-parallel.js'

/**
 * A name for what decoding these files gives: a hash of their paths, sizes and times of change, of the format, and of
 * the versions of the decoder. Where the root lies plays no part.
 */
export async function cacheKey(root: string, files: readonly string[], format: ImageFormat): Promise<string> {
  const facts = new Array<string>(files.length)
  await inParallel(files.length, 32, async (i) => {
    // A link to nowhere is a corrupt file, as decoding will find.
    const { size, mtimeMs } = await stat(join(root, files[i]!)).catch(() => ({ size: -1, mtimeMs: -1 }))
    facts[i] = `${files[i]}\0${size}\0${mtimeMs}`
  })
  const { imageSize, channels, crop } = format
  const hash = createHash('sha256').update(JSON.stringify([imageSize, channels, crop, sharp.versions]))
  for (const fact of facts) hash.update(`\0${fact}`)
  return hash.digest('hex').slice(0, 32)
}
