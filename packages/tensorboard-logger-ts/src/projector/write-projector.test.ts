import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProjectorTable } from './projector-table.js'
import { writeProjector } from './write-projector.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'projector-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The head of a PNG, which is all that is looked at. */
function pngHead(width: number, height: number): Buffer {
  const head = Buffer.from('89504e470d0a1a0a0000000d494844520000000000000000', 'hex')
  head.writeUInt32BE(width, 16)
  head.writeUInt32BE(height, 20)
  return head
}

/** -1.1 is `cd cc 8c bf`: no UTF-8. */
const table = (name: string, more: Partial<ProjectorTable> = {}): ProjectorTable => ({
  name,
  embeddings: Float32Array.of(-1.1, 2, 3, 4, 5, 6),
  dim: 2,
  ...more,
})
const read = (file: string) => readFile(join(folder, file))
const config = () => readFile(join(folder, 'projector_config.pbtxt'), 'utf8')

describe('writeProjector', () => {
  it('writes tensors, metadata, sprite and config', async () => {
    const png = pngHead(16, 16)
    await writeProjector(folder, [
      table('held-out', {
        metadata: { class: ['cat', 'a\tb\nc', ''], row: [0, 1, 2] },
        sprite: { png, tileWidth: 8, tileHeight: 8 },
      }),
    ])
    expect(await read('projector/held-out/tensors.bytes')).toEqual(Buffer.from(Float32Array.of(-1.1, 2, 3, 4, 5, 6).buffer))
    expect((await read('projector/held-out/metadata.tsv')).toString()).toBe('class\trow\ncat\t0\na b c\t1\n(empty)\t2\n')
    expect(await read('projector/held-out/sprite.png')).toEqual(png)
    expect(await config()).toMatchInlineSnapshot(`
      "embeddings {
        tensor_name: "held-out"
        metadata_path: "projector/held-out/metadata.tsv"
        tensor_shape: 3
        tensor_shape: 2
        sprite {
          image_path: "projector/held-out/sprite.png"
          single_image_dim: 8
          single_image_dim: 8
        }
        tensor_path: "projector/held-out/tensors.bytes"
      }
      "
    `)
  })

  it('writes no header for a single column', async () => {
    await writeProjector(folder, [table('a', { metadata: { class: ['x', 'y', 'z'] } })])
    expect((await read('projector/a/metadata.tsv')).toString()).toBe('x\ny\nz\n')
  })

  it('merges tables into one config, replacing those of the same name', async () => {
    await writeProjector(folder, [table('a'), table('b', { dim: 3 })])
    await writeProjector(folder, [table('c'), table('a', { dim: 6 })])
    const names = [...(await config()).matchAll(/tensor_name: "(.*)"/g)].map(([, name]) => name)
    expect(names).toEqual(['b', 'c', 'a'])
    expect((await config()).match(/tensor_shape: \d/g)).toEqual([2, 3, 3, 2, 1, 6].map((n) => `tensor_shape: ${n}`))
    expect(await readdir(join(folder, 'projector'))).toEqual(['a', 'b', 'c'])
  })

  it('keeps what others have written into the config', async () => {
    await writeFile(
      join(folder, 'projector_config.pbtxt'),
      `# by hand
      model_checkpoint_path: "model.ckpt-1"
      embeddings { tensor_name: "theirs" sprite < image_path: 's.png' single_image_dim: [8, 8] > }`,
    )
    await writeProjector(folder, [table('ours')])
    expect(await config()).toContain('model_checkpoint_path: "model.ckpt-1"')
    expect(await config()).toContain('tensor_name: "theirs"')
    expect(await config()).toContain('image_path: "s.png"')
  })

  it('keeps tables apart whose names look alike as files', async () => {
    await writeProjector(folder, [table('val/x'), table('val x'), table('..'), table('"quoted" \\ ü')])
    const folders = await readdir(join(folder, 'projector'))
    expect(folders).toHaveLength(4)
    folders.forEach((name) => {
      expect(name).toMatch(/^[\w-][\w.-]*$/)
    })
    expect(await config()).toContain('tensor_name: "val/x"')
  })

  it('has whole characters only, where a name was cut within one', async () => {
    await writeProjector(folder, [table('cut \ud83d', { metadata: { class: ['\udc00', 'b', 'c'] } })])
    await writeProjector(folder, [table('cut \ud83d')])
    // The bytes of U+FFFD, in octal.
    expect((await config()).match(/tensor_name: .*/g)).toEqual(['tensor_name: "cut \\357\\277\\275"'])
    await expect(writeProjector(folder, [table('a\ud83d'), table('a\ud83e')])).rejects.toThrow('"a\ufffd" twice')
  })

  it('writes text when TensorBoard would take the bytes for it', async () => {
    await writeProjector(folder, [table('a', { embeddings: Float32Array.of(0.5, 0, 2, 2 ** -19) })])
    expect(await readdir(join(folder, 'projector/a'))).toEqual(['tensors.tsv'])
    const text = (await read('projector/a/tensors.tsv')).toString()
    const values = text.trim().split(/\s/).map(Number)
    expect(text.trim().split('\n')).toHaveLength(2)
    expect(values).toEqual([0.5, 0, 2, 2 ** -19])
    expect(await config()).toContain('tensor_path: "projector/a/tensors.tsv"')
  })

  const square = (width: number, height: number) => ({ png: pngHead(width, height), tileWidth: 8, tileHeight: 8 })

  it.each<[string, Partial<ProjectorTable>, string, string]>([
    [
      'more points than are shown',
      { embeddings: new Float32Array(200_002), dim: 2 },
      'TBL_PROJECTOR_LIMIT',
      'wanted at most 100000 rows, for the projector shows no more, got 100001',
    ],
    [
      'a sprite that is too large',
      { sprite: square(8200, 8) },
      'TBL_PROJECTOR_LIMIT',
      'wanted a sprite of at most 8192 x 8192 pixels, got one of 8200 x 8',
    ],
    [
      'a sprite of cut tiles',
      { sprite: square(25, 8) },
      'TBL_ARGUMENT',
      'wanted a sprite of whole tiles for 3 rows, got one of 25 x 8 with tiles of 8 x 8',
    ],
    ['a sprite with too few tiles', { sprite: square(16, 8) }, 'TBL_ARGUMENT', 'whole tiles for 3 rows'],
    ['rows of another length', { dim: 4 }, 'TBL_ARGUMENT', 'wanted embeddings of [count, dim], got 6 values with dim 4'],
    ['no rows', { embeddings: new Float32Array() }, 'TBL_ARGUMENT', 'got 0 values with dim 2'],
    [
      'a value that is not finite',
      { embeddings: Float32Array.of(1, 2, 3, Infinity) },
      'TBL_ARGUMENT',
      'wanted finite embeddings, got Infinity in row 1',
    ],
    [
      'metadata of another length',
      { metadata: { class: ['x'] } },
      'TBL_ARGUMENT',
      'wanted 3 values in each column of metadata, got 1 in column "class"',
    ],
    ['no name', { name: '' }, 'TBL_ARGUMENT', 'Projector table "": wanted a name'],
  ])('refuses %s before it writes', async (_, more, code, message) => {
    const told = expect.objectContaining({ code, message: expect.stringContaining(message) })
    await expect(writeProjector(folder, [table('fine'), table('bad', more)])).rejects.toThrow(told)
    expect(await readdir(folder)).toEqual([])
  })

  it('refuses two tables of one name, and a config that is none', async () => {
    await expect(writeProjector(folder, [table('a'), table('a')])).rejects.toThrow('got "a" twice')
    await writeFile(join(folder, 'projector_config.pbtxt'), 'no config')
    await expect(writeProjector(folder, [table('a')])).rejects.toThrow(expect.objectContaining({ code: 'TBL_IO' }))
    expect(await readdir(folder)).toEqual(['projector_config.pbtxt'])
  })
})
