import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import type { SkippedFile } from '../decoding/decoded-dataset.js'
import { inParallel } from '../decoding/in-parallel.js'

/** What lies in a folder of class folders. */
export interface ClassFolders {
  /** Names of the class folders. */
  readonly classNames: readonly string[]
  /** Files that should be images, relative to the root, class by class. */
  readonly files: readonly string[]
  /** Class of each file. */
  readonly labels: Int32Array
  /** What lies outside a class folder, or deeper, or is no file. */
  readonly skipped: readonly SkippedFile[]
}

/**
 * Lists the classes of a folder and their files, both sorted by code unit. What systems leave behind is not looked at: names
 * that begin with `.` or `~$`, and those of {@link CLUTTER}.
 *
 * @throws {DataError} when the root is no folder or empty, has one class only, or two whose names look the same.
 */
export async function classFolders(root: string): Promise<ClassFolders> {
  const { folders: classNames, files: loose, others } = await list(root)
  expectClasses(root, classNames, loose.length > 0 ? `${loose.length} ${loose.length === 1 ? 'file' : 'files'} outside any` : 'an empty folder')
  expectNamesApart(root, classNames)
  const perClass = new Array<Listing>(classNames.length)
  await inParallel(classNames.length, 32, async (i) => {
    perClass[i] = await list(join(root, classNames[i]!))
  })
  const within = (label: number, name: string) => join(classNames[label]!, name)
  return {
    classNames,
    files: perClass.flatMap(({ files }, label) => files.map((file) => within(label, file))),
    labels: Int32Array.from(perClass.flatMap(({ files }, label) => files.map(() => label))),
    skipped: [
      ...loose.map((file) => ({ file, reason: 'not in a class folder' })),
      ...others.map((file) => ({ file, reason: NO_FILE })),
      ...perClass.flatMap(({ folders, others }, label) => [
        ...folders.map((folder) => ({ file: within(label, folder), reason: 'a folder within a class folder' })),
        ...others.map((file) => ({ file: within(label, file), reason: NO_FILE })),
      ]),
    ],
  }
}

const NO_FILE = 'neither a file nor a folder'

/** Folders and files of macOS, Windows, Synology and QNAP, Linux, Python: never a class, never a sample. In small letters. */
const CLUTTER = new Set([
  '__macosx', 'icon\r',
  'thumbs.db', 'ehthumbs.db', 'desktop.ini', '$recycle.bin', 'system volume information',
  '@eadir', '@tmp', '#recycle', '#snapshot', '@recycle', '@recently-snapshot',
  'lost+found', '__pycache__',
])

/** Whether a name is one that systems leave behind, or hidden. */
const isClutter = (name: string) => /^(\.|~\$)/.test(name) || CLUTTER.has(name.toLowerCase())

/** Names within a folder, links followed, sorted. */
interface Listing {
  readonly folders: string[]
  /** A link to nowhere counts as a file. */
  readonly files: string[]
  /** Pipes, sockets, devices. */
  readonly others: string[]
}

async function list(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause)
  })
  const listing: Listing = { folders: [], files: [], others: [] }
  for (const entry of entries) {
    if (isClutter(entry.name)) continue
    const isKnown = entry.isFile() || entry.isDirectory()
    // Of links, and on file systems that do not tell, the target has to be looked at.
    const kind = isKnown ? entry : await stat(join(folder, entry.name)).catch(() => undefined)
    const place = !kind || kind.isFile() ? listing.files : kind.isDirectory() ? listing.folders : listing.others
    place.push(entry.name)
  }
  for (const names of [listing.folders, listing.files, listing.others]) names.sort()
  return listing
}

const LAYOUT = 'Put the images of each class into a folder of its own: root/cat/1.jpg, root/dog/1.jpg.'

function unreadable(folder: string, cause: unknown): DataError {
  const code = (cause as NodeJS.ErrnoException).code
  const got = code === 'ENOENT' ? 'nothing there' : code === 'ENOTDIR' ? 'a file' : String(cause)
  return new DataError({ who: 'imageFolder', wanted: `a folder at ${folder}`, got, fix: LAYOUT, cause })
}

/**
 * @param none what there is where there is no class
 * @throws {DataError} when there is one class or none.
 */
export function expectClasses(root: string, classNames: readonly string[], none: string): void {
  if (classNames.length > 1) return
  throw new DataError({
    who: 'imageFolder',
    wanted: `two class folders or more in ${root}`,
    got: classNames.length === 1 ? `only "${classNames[0]}"` : none,
    fix: LAYOUT,
  })
}

/** Of `é` and `é`, one letter and two, as macOS and others write them, one class would become two. @throws {DataError} */
function expectNamesApart(root: string, classNames: readonly string[]): void {
  const seen = new Map<string, string>()
  for (const name of classNames) {
    const same = seen.get(name.normalize())
    if (same !== undefined) {
      throw new DataError({ who: 'imageFolder', wanted: `class folders in ${root} whose names look different`, got: `"${name}" twice: in code points ${[same, name].map(codePoints).join(' and ')}`, fix: 'Put the images of both into one folder.' })
    }
    seen.set(name.normalize(), name)
  }
}

const codePoints = (name: string): string => Array.from(name, (letter) => letter.codePointAt(0)!.toString(16)).join(' ')

/** A class without a sample. */
export const emptyClass = (root: string, className: string) =>
  new DataError({
    who: 'imageFolder',
    wanted: `images in each class folder of ${root}`,
    got: `none that can be read in "${className}"`,
    fix: "Add images to it, remove the folder, or pass `onCorrupt: 'skip'` to leave it out.",
  })
