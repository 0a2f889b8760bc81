import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { contentDigests } from './content-digests.js'

const base = await mkdtemp(join(tmpdir(), 'content-digests-'))
afterAll(() => rm(base, { recursive: true }))

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const SECOND = 1_000_000_000n

interface Kept {
  names: string[]
  marks: BigInt64Array
  digests: Uint8Array
  takenAt: bigint
}

/** As it is kept: with its CRC-32. */
const sealed = (kept: unknown) => {
  const list = serialize(kept)
  const crc = Buffer.alloc(4)
  crc.writeUInt32LE(crc32(list))
  return Buffer.concat([list, crc])
}

/** A folder with two files, and what is kept of it in the cache folder. */
async function folder(name: string) {
  const [root, cache] = [join(base, name), join(base, `${name}-cache`)]
  await mkdir(root)
  for (const file of ['a', 'b']) await writeFile(join(root, file), file)
  const digests = async (files = ['a', 'b']) => {
    const all = Buffer.from(await contentDigests({ root, files }, cache))
    return files.map((_, i) => all.toString('hex', i * 32, (i + 1) * 32))
  }
  const change = async (edit: (kept: Kept) => void) => {
    const path = join(cache, (await readdir(cache))[0]!)
    const kept = deserialize(await readFile(path)) as Kept
    edit(kept)
    await writeFile(path, sealed(kept))
  }
  return { root, cache, digests, change }
}

/** As though the files had been looked at long after they were written, and `a` had been found to be of other content. */
const marked = (kept: Kept) => {
  kept.takenAt += 10n * SECOND
  kept.digests.fill(7, 0, 32)
}
const MARK = '07'.repeat(32)

describe('contentDigests', () => {
  it('are those of the contents, zeros of what cannot be read', async () => {
    const { digests } = await folder('plain')
    expect(await digests(['b', 'missing', 'a'])).toEqual([sha256('b'), '0'.repeat(64), sha256('a')])
  })

  it('are kept: a file is not read again while it stays as it was', async () => {
    const { root, digests, change } = await folder('kept')
    await digests()
    await change(marked)
    expect(await digests()).toEqual([MARK, sha256('b')])
    await writeFile(join(root, 'c'), 'c')
    expect(await digests(['c', 'b', 'a'])).toEqual([sha256('c'), sha256('b'), MARK])
    await writeFile(join(root, 'a'), 'z')
    expect(await digests()).toEqual([sha256('z'), sha256('b')])
  })

  it('are made anew where times do not tell: of files that had just been written', async () => {
    const { digests, change } = await folder('fresh')
    await digests()
    await change((kept) => kept.digests.fill(7))
    expect(await digests()).toEqual([sha256('a'), sha256('b')])
  })

  it('are made anew when bytes of what was kept were overwritten', async () => {
    const { cache, digests, change } = await folder('overwritten')
    await digests()
    await change(marked)
    const path = join(cache, (await readdir(cache))[0]!)
    const bytes = await readFile(path)
    bytes[bytes.indexOf(Buffer.from(MARK, 'hex'))]! ^= 1
    await writeFile(path, bytes)
    expect(await digests()).toEqual([sha256('a'), sha256('b')])
  })

  it.each([
    ['a part of it', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['something else', () => sealed({ names: ['a', 'b'] })],
    ['too few digests', (bytes: Buffer) => sealed({ ...(deserialize(bytes) as Kept), digests: new Uint8Array(32) })],
  ])('are made anew when what was kept is %s', async (name, damage) => {
    const { cache, digests } = await folder(name)
    await digests()
    const path = join(cache, (await readdir(cache))[0]!)
    await writeFile(path, damage(await readFile(path)))
    expect(await digests()).toEqual([sha256('a'), sha256('b')])
  })
})
