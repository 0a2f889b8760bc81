import { DataError } from '@metric-learning/contracts'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { thumbnail } from './thumbnail.js'

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#936' } })
    .jpeg()
    .toBuffer()
const decoded = (uri: string) => sharp(Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64')).metadata()

describe('thumbnail', () => {
  it('keeps small pictures whole, as PNG', async () => {
    const uri = await thumbnail('me', await picture(28, 20), 0)
    expect(uri).toMatch(/^data:image\/png;base64,/)
    expect(await decoded(uri)).toMatchObject({ width: 28, height: 20 })
  })

  it('makes large ones small, as WebP', async () => {
    const uri = await thumbnail('me', await picture(1120, 560), 0)
    expect(uri).toMatch(/^data:image\/webp;base64,/)
    expect(await decoded(uri)).toMatchObject({ width: 112, height: 56 })
  })

  it('names the row that is no image', async () => {
    await expect(thumbnail('me', Uint8Array.of(1, 2, 3), 17)).rejects.toThrow(DataError)
    await expect(thumbnail('me', Uint8Array.of(1, 2, 3), 17)).rejects.toThrow('row 17')
  })
})
