import { expectKnownOptions, expectNumber, OptionError, type Dataset } from '@metric-learning/contracts'
import sharp from 'sharp'
import { type PictureOptions, pictures } from './picture.js'

/** The largest texture that the projector of TensorBoard shows, in pixels a side. */
const LARGEST_SIDE = 8192

/**
 * Samples of a dataset of images as one sheet for the embedding projector of TensorBoard: square tiles row by row,
 * as many across as down (the root of their number, rounded up), the rest black.
 *
 * @param tile side of a tile, in pixels; samples are fitted into it whole
 * @throws {OptionError} when `tile` is no positive integer, there are no rows, or the sheet gets larger than 8192 pixels a side.
 * @throws {DataError} when the samples are no images, or there is no such row.
 */
export async function spritePng(
  dataset: Dataset,
  rows: Int32Array,
  tile: number,
  options: PictureOptions = {},
): Promise<Uint8Array> {
  expectKnownOptions('spritePng', options, ['inverted'])
  expectNumber('spritePng', 'tile', tile, { min: 1, max: LARGEST_SIDE, integer: true, hint: 'In pixels.' })
  const across = Math.ceil(Math.sqrt(rows.length))
  const side = across * tile
  expectSheet(rows.length, tile, side)
  const sheet = Buffer.alloc(side * side * 3)
  const tiles = await pictures('spritePng', dataset, rows, options)
  for (const [i, picture] of tiles.entries()) {
    const fitted = picture.resize(tile, tile, { fit: 'contain', background: '#000000' }).flatten().toColourspace('srgb')
    const pixels = await fitted.raw().toBuffer()
    const corner = (Math.floor(i / across) * side * tile + (i % across) * tile) * 3
    for (let line = 0; line < tile; line++) {
      pixels.copy(sheet, corner + line * side * 3, line * tile * 3, (line + 1) * tile * 3)
    }
  }
  return sharp(sheet, { raw: { width: side, height: side, channels: 3 } }).png().toBuffer()
}

function expectSheet(count: number, tile: number, side: number): void {
  if (count > 0 && side <= LARGEST_SIDE) return
  throw new OptionError({
    who: 'spritePng',
    wanted: `one row or more, and a sheet of at most ${LARGEST_SIDE} pixels a side`,
    got: `${count} rows with tiles of ${tile} pixels: ${side} pixels a side`,
    fix: 'Show fewer rows or smaller tiles.',
  })
}
