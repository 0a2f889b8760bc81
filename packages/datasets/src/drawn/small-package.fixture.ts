import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { NpmSource } from './npm-files.js'

/** Writes an npm package of some files into a folder, from which npm installs it; gives where it is to be had from. */
export async function smallPackage(folder: string, name: string, files: Readonly<Record<string, Uint8Array>>): Promise<NpmSource> {
  const root = join(folder, name.replace('/', '+'))
  await mkdir(root, { recursive: true })
  await writeFile(join(root, 'package.json'), JSON.stringify({ name, version: '1.0.0' }))
  for (const [file, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), bytes)
  }
  const digests = Object.entries(files).map(([file, bytes]) => [file, createHash('sha256').update(bytes).digest('hex')])
  return { name, version: '1.0.0', bytes: 1000, files: Object.fromEntries(digests) as Record<string, string>, spec: `file:${root}` }
}
