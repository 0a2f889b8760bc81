import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, expectBoolean } from '@metric-learning/contracts'
import { checkDecodingOptions, decodedDataset, type DecodingOptions, type ImageFolderDataset, type ListedImages } from '../decoding/decoded-dataset.js'
import { inParallel } from '../decoding/in-parallel.js'
import { columnsOfRows } from '../images/columns-of-rows.js'
import type { ImageDataset } from '../images/image-dataset.js'

/** Options of datasets that are published as an archive. */
export interface PublishedOptions extends DecodingOptions {
  /** The folder that was extracted from the archive, as it is. */
  readonly root: string
  /**
   * Whether less than was published will do: images that are missing are left out, and listed in `skipped`.
   * Default false: they are an error that names them.
   */
  readonly partial?: boolean
}

/** What an archive gives: a dataset for each split that was published, and what was found wrong with its files. */
export type PublishedSplits<Split extends string> = Readonly<Record<Split, ImageDataset>> & Pick<ImageFolderDataset, 'skipped' | 'tolerated'>

/** A dataset that was published as an archive. */
export interface PublishedSet {
  /** Who reads it, for errors. */
  readonly who: string
  readonly root: string
  /** The archive, and the folder in it that the root should be. */
  readonly archive: string
  readonly folder: string
}

/** Images that were published, as the layout of the archive lists them. */
export interface PublishedImages extends ListedImages {
  /** How many there should be. */
  readonly published: number
}

/** @throws {OptionError} when an option is unknown or out of range. */
export function checkPublishedOptions(who: string, options: PublishedOptions): void {
  checkDecodingOptions(who, options, ['partial'])
  expectBoolean(who, 'partial', options.partial ?? false)
}

/** @throws {DataError} when files or folders of the archive are missing; names all of them, and where they are, if one folder deeper. */
export function expectParts(set: PublishedSet, parts: readonly string[]): void {
  const { who, root, archive, folder } = set
  const missing = parts.filter((part) => !existsSync(join(root, part)))
  if (missing.length === 0) return
  const deeper = join(root, folder)
  const isDeeper = missing.length === parts.length && parts.every((part) => existsSync(join(deeper, part)))
  throw new DataError({
    who,
    wanted: `${parts.join(', ')} in ${root}`,
    got: !existsSync(root) ? 'no such folder' : missing.length === parts.length ? 'none of them' : `no ${missing.join(', no ')}`,
    fix: isDeeper ? `Pass \`root: '${deeper}'\`.` : `Extract ${archive} again, and pass the folder ${folder} in it as \`root\`.`,
  })
}

/**
 * The lines of a text file of the archive, split at white space, without empty ones.
 *
 * @param fields words that a line has, or at least has
 * @param header lines before the first that counts
 * @throws {DataError} when it cannot be read, or a line has fewer words; names the line.
 */
export async function readTable(set: PublishedSet, file: string, fields: number, header = 0): Promise<readonly (readonly string[])[]> {
  const lines = (await readText(set, file)).split(/\r?\n/).map((line) => line.trim())
  const rows: string[][] = []
  for (const [i, line] of lines.entries()) {
    if (i < header || line === '') continue
    const words = line.split(/\s+/)
    if (words.length < fields) throw malformed(set, file, `${fields} words in line ${i + 1}`, JSON.stringify(line))
    rows.push(words)
  }
  return rows
}

/** @throws {DataError} when it cannot be read. */
export async function readText(set: PublishedSet, file: string): Promise<string> {
  try {
    // Some editors put a mark at the beginning.
    return (await readFile(join(set.root, file), 'utf8')).replace(/^\ufeff/, '')
  } catch (cause) {
    throw malformed(set, file, 'a text file', (cause as Error).message)
  }
}

/** A file of the archive that is not as it was published. */
export const malformed = ({ who, root, archive }: PublishedSet, file: string, wanted: string, got: string) =>
  new DataError({ who, wanted: `${wanted} of ${join(root, file)}`, got, fix: `Extract ${archive} again.` })

/** The number that a word of a table says, from 1. */
export function numberIn(set: PublishedSet, file: string, word: string): number {
  const number = Number(word)
  if (Number.isInteger(number) && number > 0) return number
  throw malformed(set, file, 'a number from 1', JSON.stringify(word))
}

/** An image, and its class as the archive numbers it, from 1. */
export interface NumberedImage {
  readonly file: string
  readonly number: number
}

/**
 * The images as a list, with labels from 0.
 *
 * @param classNames by number of the class
 * @param classes how many were published
 * @throws {DataError} when the class of an image has no name.
 */
export function labelled(
  set: PublishedSet,
  images: readonly NumberedImage[],
  classNames: ReadonlyMap<number, string>,
  classes: number,
): Pick<PublishedImages, 'root' | 'files' | 'labels' | 'classNames'> {
  const nameless = images.find(({ number }) => number > classes || !classNames.has(number))
  if (nameless) {
    const { who, root, archive } = set
    const fix = `Extract ${archive} again.`
    throw new DataError({ who, wanted: `classes from 1 to ${classes} with names in ${root}`, got: `class ${nameless.number} for ${nameless.file}`, fix })
  }
  return {
    root: set.root,
    files: images.map(({ file }) => file),
    labels: Int32Array.from(images, ({ number }) => number - 1),
    classNames: Array.from({ length: classes }, (_, i) => classNames.get(i + 1) ?? String(i + 1)),
  }
}

/**
 * The first classes to train on and the others to test, with labels from 0 and both normalised by the training side.
 *
 * @param count classes to train on
 */
export function trainAndTest(all: ImageFolderDataset, count: number): PublishedSplits<'train' | 'test'> {
  const { name, classNames, skipped, tolerated } = all
  const classes = [...classNames.keys()]
  const train = all.ofClasses(`${name} train`, classes.slice(0, count))
  return { train, test: all.ofClasses(`${name} test`, classes.slice(count), train.normalization), skipped, tolerated }
}

/**
 * Decodes what the layout lists, once all of it is there.
 *
 * @throws {DataError} when images are missing, unless `partial` is set, or none is left, or one is listed twice; and what `decodedDataset` throws.
 */
export async function publishedDataset(set: PublishedSet, listed: PublishedImages, options: PublishedOptions): Promise<ImageFolderDataset> {
  const { who, root, archive } = set
  expectOnce(set, listed.files)
  const isThere = new Uint8Array(listed.files.length)
  await inParallel(listed.files.length, 32, async (i) => {
    isThere[i] = (await stat(join(root, listed.files[i]!)).catch(() => undefined))?.isFile() ? 1 : 0
  })
  const rows = [...listed.files.keys()].filter((i) => isThere[i] === 1)
  const missing = listed.files.filter((_, i) => isThere[i] === 0)
  if (rows.length === 0 || (!options.partial && rows.length < listed.published)) {
    const named = missing.slice(0, 5).join(', ')
    throw new DataError({
      who,
      wanted: `${listed.published} images in ${root}`,
      got: `${rows.length}${missing.length > 0 ? `; missing are ${named}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}` : ''}`,
      fix: `Extract ${archive} again${rows.length > 0 ? ', or pass `partial: true` to use what is there' : ''}.`,
    })
  }
  return decodedDataset(who, { ...ofRows(listed, rows), skipped: [...(listed.skipped ?? []), ...missing.map((file) => ({ file, reason: 'missing' }))] }, options)
}

/** An image that is there twice would be its own nearest neighbour. */
function expectOnce({ who, root, archive }: PublishedSet, files: readonly string[]): void {
  const seen = new Set<string>()
  const twice = files.find((file) => seen.size === seen.add(file).size)
  if (twice !== undefined) throw new DataError({ who, wanted: `each image once in the lists of ${root}`, got: `${twice} twice`, fix: `Extract ${archive} again.` })
}

function ofRows(listed: ListedImages, rows: readonly number[]): ListedImages {
  const { files, labels, columns } = listed
  return {
    ...listed,
    files: rows.map((row) => files[row]!),
    labels: Int32Array.from(rows, (row) => labels[row]!),
    ...(columns && { columns: columnsOfRows(columns, rows) }),
  }
}
