import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import sharp from 'sharp'
import { inParallel } from '../../decoding/in-parallel.js'
import type { ImageDataset } from '../../images/image-dataset.js'
import { checkDrawnOptions, drawnPixels, drawnSplit, drawnSurroundings, type DrawnOptions } from '../drawn-set.js'
import { npmFiles, type NpmSource } from '../npm-files.js'
import { EMOJI_NAMES, EMOJI_SETS, type EmojiSet } from './emoji-sets.js'
import { matchEmoji, type EmojiClass, type EmojiName, type IconSet } from './match-emoji.js'

/** Changes when the same packages give other pixels. */
const DRAWING = 1

/** Drawings that a class has at least, of eight. */
const AT_LEAST = 6

/** Whose drawings they are, as their licences ask to say. */
export const EMOJI_ATTRIBUTION =
  'Emoji: Noto Emoji and Noto Emoji v1 by Google and FxEmojis by Mozilla (Apache License 2.0); Fluent Emoji, flat and high contrast, by Microsoft (MIT); ' +
  'Twemoji by Twitter and Emoji One, coloured and monotone, by Emoji One (Creative Commons Attribution 4.0 International, ' +
  'https://creativecommons.org/licenses/by/4.0/), as packed in @iconify-json, here drawn at 32×32 on white. Names: emojibase-data (MIT).'

/**
 * Emoji: the same emoji as eight vendors draw it, 32×32, red, green and blue, on white. 1,073 classes of 6 to 8 images each, 8,086 in all: many
 * classes of few samples, as Stanford Online Products has.
 *
 * A class is an emoji of one code point; no skin tones, which are recoloured copies, no joined ones, no flags of countries. Classes are in the order of the
 * Common Locale Data Repository: `'train'` has the first half, "grinning face" and on, `'test'` the second, to "white flag". Rows are in the order of
 * classes, and within a class in that of the vendors, which the label column `vendor` has. Both splits are normalised by `'train'`.
 *
 * Where a vendor's package names drawings without code points, they are matched by name; names that stand for several emoji are dropped.
 *
 * The first call fetches nine npm packages of pinned versions, 18 MB, with npm, and draws all images; both are kept in `cache`. What was
 * killed goes on where it was.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when a package cannot be fetched or is not the pinned one, or `cache` cannot be written.
 * @example const train = await emoji({ split: 'train' })
 */
export function emoji(options: DrawnOptions): Promise<ImageDataset> {
  return emojiOf(EMOJI_SETS, EMOJI_NAMES, AT_LEAST, options)
}

/** {@link emoji} of other packages. */
export async function emojiOf(vendors: readonly EmojiSet[], nameSource: NpmSource, atLeast: number, options: DrawnOptions): Promise<ImageDataset> {
  const who = 'emoji'
  checkDrawnOptions(who, options)
  const { imageSize = 32 } = options
  const { folder, report } = drawnSurroundings(who, options)
  const sources = [...vendors.map(({ source }) => source), nameSource]
  const onFetched = (done: number, total: number) => {
    report({ step: 'fetching', done, total })
  }
  const path = await npmFiles({ who, sources, folder: join(folder, 'packages'), onFetched })
  const read = async <T>(source: NpmSource, file: string) => JSON.parse(await readFile(path(source, file), 'utf8')) as T
  const shortcodes = Object.keys(nameSource.files).filter((file) => file.includes('shortcodes'))
  const sets = await Promise.all(
    vendors.map(async ({ source }): Promise<IconSet> => ({ ...(await read<Omit<IconSet, 'chars'>>(source, 'icons.json')), chars: await read(source, 'chars.json') })),
  )
  const names = await read<EmojiName[]>(nameSource, 'en/data.json')
  const classes = matchEmoji(sets, names, await Promise.all(shortcodes.map((file) => read<Record<string, string>>(nameSource, file))), atLeast)
  const drawings = classes.flatMap(({ icons }, label) => icons.flatMap((icon, vendor) => (icon === undefined ? [] : [{ label, vendor, icon }])))
  const pixels = await drawnPixels({
    who,
    folder,
    follows: [DRAWING, sharp.versions, sources.map(({ files }) => files), drawings],
    count: drawings.length,
    imageSize,
    channels: 3,
    report,
    draw: async (put, done) => {
      const wanted = [...drawings.keys()].filter((i) => !done.has(i))
      await inParallel(wanted.length, 8, async (at) => {
        const { vendor, icon } = drawings[wanted[at]!]!
        await put(wanted[at]!, await drawIcon(vendors[vendor]!.vendor, sets[vendor]!, icon, imageSize))
      })
    },
  })
  return drawnSplit(
    {
      name: 'Emoji',
      pixels,
      sampleShape: [imageSize, imageSize, 3],
      labels: Int32Array.from(drawings, ({ label }) => label),
      classNames: classes.map(({ label }: EmojiClass) => label),
      column: { name: 'vendor', labels: Int32Array.from(drawings, ({ vendor }) => vendor), classNames: vendors.map(({ vendor }) => vendor) },
      trainClasses: Math.ceil(classes.length / 2),
    },
    options.split,
  )
}

/** A drawing on white, whole, in the middle of the image. */
async function drawIcon(vendor: string, set: IconSet, name: string, imageSize: number): Promise<Uint8Array> {
  const alias = set.aliases?.[name]
  const { body, width = set.width, height = set.height, left = 0, top = 0 } = set.icons[alias?.parent ?? name]!
  const inner = alias?.hFlip ? `<g transform="translate(${2 * left + width} 0) scale(-1 1)">${body}</g>` : body
  const box = `width="${imageSize}" height="${imageSize}" viewBox="${left} ${top} ${width} ${height}"`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${box} color="#000">${inner}</svg>`
  try {
    return await sharp(Buffer.from(svg), { unlimited: true }).flatten({ background: '#ffffff' }).toColourspace('srgb').raw().toBuffer()
  } catch (cause) {
    throw new DataError({ who: 'emoji', wanted: `to draw ${name} of ${vendor}`, got: (cause as Error).message, fix: 'Delete the packages in the cache, which are fetched again.', cause })
  }
}
