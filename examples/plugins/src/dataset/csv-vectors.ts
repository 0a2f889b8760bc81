import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { DataError, expectKnownOptions, expectText, type Dataset } from '@metric-learning/contracts'

export interface CsvVectorsOptions {
  /** A file with a line for each sample: the name of its class, then its values, with commas between. No header. */
  readonly file: string
}

/**
 * Vectors of numbers, such as features that another program computed, from a file of lines `class,value,value,…`. Classes are numbered in the order in
 * which they come; all values are kept in memory, in float32.
 *
 * @throws {OptionError} when an option is unknown or missing.
 * @throws {DataError} when the file can't be read, is empty, or a line has no class, another number of values than the first, or one that is no number.
 */
export async function csvVectors(options: CsvVectorsOptions): Promise<Dataset> {
  const who = 'csvVectors'
  expectKnownOptions(who, options, ['file'])
  const { file } = options
  expectText(who, 'file', file, 'the path of a file', "Pass one such as 'features.csv'.")
  const complain = (wanted: string, got: string, cause?: unknown) => new DataError({ who, wanted, got, fix: 'Write a line `class,value,value,…` for each sample.', cause })
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw complain(`to read ${file}`, (cause as Error).message, cause)
  })
  const rows = text.trimEnd().split(/\r?\n/).map((line) => line.split(','))
  const size = rows[0]!.length - 1
  rows.forEach(([name, ...values], i) => {
    if (name === '' || size === 0 || values.length !== size) throw complain(`a class and ${Math.max(1, size)} values in line ${i + 1} of ${file}`, JSON.stringify(rows[i]!.join()))
    const bad = values.find((value) => value.trim() === '' || !Number.isFinite(Number(value)))
    if (bad !== undefined) throw complain(`numbers in line ${i + 1} of ${file}`, JSON.stringify(bad))
  })
  const classNames = [...new Set(rows.map(([name]) => name!))]
  const samples = Float32Array.from(rows.flatMap(([, ...values]) => values.map(Number)))
  return {
    name: basename(file, '.csv'),
    labels: Int32Array.from(rows, ([name]) => classNames.indexOf(name!)),
    classNames,
    sampleShape: [size],
    async load(wanted) {
      const row = wanted.find((asked) => asked < 0 || asked >= rows.length)
      if (row !== undefined) throw new DataError({ who, wanted: `rows from 0 to ${rows.length - 1}`, got: String(row), fix: 'Draw rows from a sampler that was made with the labels of this set.' })
      return Promise.resolve({ values: Float32Array.from([...wanted].flatMap((asked) => [...samples.subarray(asked * size, (asked + 1) * size)])), shape: [wanted.length, size] })
    },
  }
}
