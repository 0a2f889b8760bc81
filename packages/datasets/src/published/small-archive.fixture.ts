import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll } from 'vitest'

/** Makes folders in the layout of an archive, with few images; they are deleted after the tests of the file. */
export async function smallArchives(): Promise<(texts: Record<string, string | Uint8Array>, images: readonly string[]) => Promise<string>> {
  const base = await mkdtemp(join(tmpdir(), 'published-'))
  afterAll(() => rm(base, { recursive: true }))
  return async (texts, images) => {
    const root = await mkdtemp(join(base, 'root-'))
    const write = async (file: string, content: string | Uint8Array) => {
      await mkdir(dirname(join(root, file)), { recursive: true })
      await writeFile(join(root, file), content)
    }
    for (const [file, text] of Object.entries(texts)) await write(file, text)
    for (const [i, file] of images.entries()) {
      const background = { r: 10 * i, g: 0, b: 0 }
      await write(file, await sharp({ create: { width: 8, height: 8, channels: 3, background } }).png().toBuffer())
    }
    return root
  }
}
