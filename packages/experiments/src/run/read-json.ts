import { readFileSync } from 'node:fs'
import { DataError } from '@metric-learning/contracts'

/**
 * What a file of an experiment holds, which was written whole.
 *
 * @param fix what to do where it was damaged since. Default: to delete it
 * @throws {DataError} when it can't be read, or is no whole JSON.
 */
export function readJson<T>(file: string, fix?: string): T {
  return parsed(file, () => JSON.parse(readFileSync(file, 'utf8')) as T, fix)
}

/**
 * The same of a file with a value in each line.
 *
 * @throws {DataError} as {@link readJson}; it names the line.
 */
export function readJsonLines<T>(file: string, fix?: string): readonly T[] {
  const lines = parsed(file, () => readFileSync(file, 'utf8').split('\n'), fix)
  return lines.flatMap((line, i) => (line === '' ? [] : [parsed(`${file}, line ${i + 1}`, () => JSON.parse(line) as T, fix)]))
}

function parsed<T>(what: string, read: () => T, fix = 'Delete the file: the same command makes it again.'): T {
  try {
    return read()
  } catch (cause) {
    throw new DataError({ who: 'experiment', wanted: `whole JSON in ${what}`, got: (cause as Error).message, fix, cause })
  }
}
