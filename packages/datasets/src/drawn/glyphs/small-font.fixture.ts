import opentype from 'opentype.js'

/** A font of square glyphs, of which that of the i-th character is as wide as the em is high, and (i + 1) / 10 em high. */
export function smallFont(characters: readonly string[]): Buffer {
  const box = (height: number) => {
    const path = new opentype.Path()
    path.moveTo(0, 0)
    path.lineTo(0, height)
    path.lineTo(1000, height)
    path.lineTo(1000, 0)
    path.close()
    return path
  }
  const missing = new opentype.Glyph({ name: '.notdef', advanceWidth: 1000, path: box(500) })
  const glyphs = characters.map((character, i) => new opentype.Glyph({ name: `g${i}`, unicode: character.codePointAt(0)!, advanceWidth: 1000, path: box(100 * (i + 1)) }))
  const font = new opentype.Font({ familyName: 'Small', styleName: 'Regular', unitsPerEm: 1000, ascender: 800, descender: -200, glyphs: [missing, ...glyphs] })
  return Buffer.from(font.toArrayBuffer())
}
