import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'

/** A file that is no sample, and why. */
export interface SkippedFile {
  /** Path relative to the root. */
  readonly file: string
  readonly reason: string
}

/** What lies in a folder of class folders. */
export interface ClassFolders {
  /** Names of the class folders. */
  readonly classNames: readonly string[]
  /** Files that should be images, relative to the root, class by class. */
  readonly files: readonly string[]
  /** Class of each file. */
  readonly labels: Int32Array
  /** What lies outside a class folder, or deeper. */
  readonly skipped: readonly SkippedFile[]
}

/**
 * Lists the classes of a folder and their files, both sorted by code unit. Names with a leading dot, Thumbs.db and
 * desktop.ini are not looked at.
 *
 * @throws {DataError} when the root is no folder or empty, has one class only, or a class has no files.
 */
export async function classFolders(root: string): Promise<ClassFolders> {
  const { folders: classNames, files: loose } = await list(root)
  expectClasses(root, classNames, loose.length)
  const perClass = await Promise.all(classNames.map((name) => list(join(root, name))))
  const empty = classNames.find((_, label) => perClass[label]!.files.length === 0)
  if (empty !== undefined) throw emptyClass(root, empty)
  return {
    classNames,
    files: perClass.flatMap(({ files }, label) => files.map((file) => join(classNames[label]!, file))),
    labels: Int32Array.from(perClass.flatMap(({ files }, label) => files.map(() => label))),
    skipped: [
      ...loose.map((file) => ({ file, reason: 'not in a class folder' })),
      ...perClass.flatMap(({ folders }, label) =>
        folders.map((folder) => ({ file: join(classNames[label]!, folder), reason: 'a folder within a class folder' })),
      ),
    ],
  }
}

const IGNORED = /^(\.|Thumbs\.db$|desktop\.ini$)/

/** Names of the folders and of the files within a folder, links followed. */
async function list(folder: string): Promise<{ folders: string[]; files: string[] }> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw unreadable(folder, cause)
  })
  const seen = names.filter((name) => !IGNORED.test(name)).sort()
  const isFolder = await Promise.all(
    seen.map((name) => stat(join(folder, name)).then((entry) => entry.isDirectory(), () => false)),
  )
  return { folders: seen.filter((_, i) => isFolder[i]), files: seen.filter((_, i) => !isFolder[i]) }
}

const LAYOUT = 'Put the images of each class into a folder of its own: root/cat/1.jpg, root/dog/1.jpg.'

function unreadable(folder: string, cause: unknown): DataError {
  const code = (cause as NodeJS.ErrnoException).code
  const got = code === 'ENOENT' ? 'nothing there' : code === 'ENOTDIR' ? 'a file' : String(cause)
  return new DataError({ who: 'imageFolder', wanted: `a folder at ${folder}`, got, fix: LAYOUT, cause })
}

function expectClasses(root: string, classNames: readonly string[], looseFiles: number): void {
  if (classNames.length > 1) return
  const contents = looseFiles > 0 ? `${looseFiles} files outside any` : 'an empty folder'
  throw new DataError({
    who: 'imageFolder',
    wanted: `two class folders or more in ${root}`,
    got: classNames.length === 1 ? `only "${classNames[0]}"` : contents,
    fix: LAYOUT,
  })
}

/** A class without a sample. */
export const emptyClass = (root: string, className: string) =>
  new DataError({
    who: 'imageFolder',
    wanted: `images in each class folder of ${root}`,
    got: `none that can be read in "${className}"`,
    fix: 'Add images to it, or remove the folder.',
  })
