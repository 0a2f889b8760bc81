import { readFile } from 'node:fs/promises'
import { DataError } from '@metric-learning/contracts'
import opentype from 'opentype.js'
import sharp from 'sharp'
import { inParallel } from '../../decoding/in-parallel.js'
import type { PutPixels } from '../../decoding/pixel-cache.js'

/** Part of what keeps pixels apart: changes when the same font gives other pixels. */
export const GLYPH_DRAWING = 1

/** Characters in the picture that is drawn at a time: along a side. */
const TILES = 10

/** What is drawn: image i · fonts + f is character i in font f. */
export interface GlyphDrawing {
  readonly who: string
  /** Files of the fonts. */
  readonly fonts: readonly string[]
  readonly characters: readonly string[]
  readonly imageSize: number
}

/**
 * Draws each character in each font: white on black, an em ⅞ of the side, the middle of its outline in the middle of the image; outlines
 * beyond 15/16 of the side are scaled down to it. Outlines are those of the font's own table of characters, so that no other
 * font can stand in, and are filled by librsvg, on the threads of sharp.
 *
 * @throws {DataError} when a font cannot be read, or lacks a character.
 */
export async function drawGlyphs({ who, fonts, characters, imageSize }: GlyphDrawing, put: PutPixels, done: ReadonlySet<number>): Promise<void> {
  const indices = [...characters.keys()]
  const sheets = fonts.flatMap((_, f) => {
    const wanted = indices.filter((i) => !done.has(i * fonts.length + f))
    return Array.from({ length: Math.ceil(wanted.length / TILES ** 2) }, (_, s) => ({ f, wanted: wanted.slice(s * TILES ** 2, (s + 1) * TILES ** 2) }))
  })
  // Only the fonts of the sheets under way are in memory.
  let opened: { readonly f: number; readonly font: Promise<opentype.Font> } | undefined
  await inParallel(sheets.length, 4, async (at) => {
    const { f, wanted } = sheets[at]!
    if (opened?.f !== f) opened = { f, font: openFont(who, fonts[f]!) }
    const font = await opened.font
    const paths = wanted.map((i, tile) => outline(who, fonts[f]!, font, characters[i]!, imageSize, tile))
    const side = TILES * imageSize
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="100%" height="100%"/><path fill="#fff" d="${paths.join('')}"/></svg>`
    const pixels = await sharp(Buffer.from(svg), { unlimited: true }).toColourspace('b-w').extractChannel(0).raw().toBuffer()
    await Promise.all(wanted.map((i, tile) => put(i * fonts.length + f, tileOf(pixels, tile, imageSize))))
  })
}

async function openFont(who: string, path: string): Promise<opentype.Font> {
  try {
    const { buffer } = Uint8Array.from(await readFile(path))
    // Reads the outlines of those glyphs only that are asked for.
    return opentype.parse(buffer, { lowMemory: true })
  } catch (cause) {
    throw new DataError({ who, wanted: `a font in ${path}`, got: (cause as Error).message, fix: 'Delete the file, which is fetched again.', cause })
  }
}

/** The outline of a character in its tile, as the data of an SVG path. */
function outline(who: string, path: string, font: opentype.Font, character: string, imageSize: number, tile: number): string {
  const index = font.charToGlyphIndex(character)
  const glyph = index > 0 ? font.glyphs.get(index) : undefined
  const { x1, y1, x2, y2 } = glyph?.getBoundingBox() ?? { x1: 0, y1: 0, x2: 0, y2: 0 }
  const size = Math.max(x2 - x1, y2 - y1)
  if (!glyph || !(size > 0)) throw new DataError({ who, wanted: `${character} in ${path}`, got: 'a font without it', fix: 'Delete the file, which is fetched again.' })
  const scale = Math.min((0.875 * imageSize) / font.unitsPerEm, (0.9375 * imageSize) / size)
  const x = ((tile % TILES) + 0.5) * imageSize - (scale * (x1 + x2)) / 2
  const y = (Math.floor(tile / TILES) + 0.5) * imageSize + (scale * (y1 + y2)) / 2
  return glyph.getPath(x, y, scale * font.unitsPerEm).commands.map(commandOf).join('')
}

function commandOf(command: opentype.PathCommand): string {
  const at = (...numbers: number[]) => numbers.map((value) => value.toFixed(2)).join(' ')
  switch (command.type) {
    case 'M':
    case 'L':
      return command.type + at(command.x, command.y)
    case 'Q':
      return `Q${at(command.x1, command.y1, command.x, command.y)}`
    case 'C':
      return `C${at(command.x1, command.y1, command.x2, command.y2, command.x, command.y)}`
    case 'Z':
      return 'Z'
  }
}

function tileOf(pixels: Uint8Array, tile: number, imageSize: number): Uint8Array {
  const [left, top] = [(tile % TILES) * imageSize, Math.floor(tile / TILES) * imageSize]
  const result = new Uint8Array(imageSize ** 2)
  for (let row = 0; row < imageSize; row++) {
    const start = (top + row) * TILES * imageSize + left
    result.set(pixels.subarray(start, start + imageSize), row * imageSize)
  }
  return result
}
