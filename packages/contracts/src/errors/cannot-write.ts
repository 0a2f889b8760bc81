import { DataError } from './metric-learning-error.js'

/**
 * What the system says of a file that it did not let be written: an error that names the file.
 *
 * @param who who was to write it
 * @param path where
 * @example await writeFile(path, bytes).catch((cause) => { throw cannotWrite('saveModule', path, cause) })
 */
export const cannotWrite = (who: string, path: string, cause: unknown, fix = 'Pass a path in a folder that can be written or made, on a disk with room for it.'): DataError =>
  new DataError({
    who,
    wanted: `to write ${path}`,
    got: cause instanceof Error ? cause.message : String(cause),
    fix,
    cause,
  })
