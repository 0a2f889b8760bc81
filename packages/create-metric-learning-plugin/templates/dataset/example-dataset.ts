import { DataError, expectKnownOptions, expectNumber, Random, type Dataset } from '@metric-learning/contracts'

export interface ExampleDatasetOptions {
  /** How many classes there are, at least 2. Default 10. */
  readonly classes?: number
  /** Samples of each class, at least 2. Default 100. */
  readonly samplesPerClass?: number
  /** Values of a sample, at least 1. Default 16. */
  readonly size?: number
  /** σ in the formula, at least 0. Default 0.5. */
  readonly spread?: number
  /** Equal seeds give equal sets. Default 0. */
  readonly seed?: number
}

/**
 * Vectors around the centre of their class:
 *
 *     x = c + σ ε, with all values of c and ε from N(0, 1)
 *
 * Sample i is of the class i mod `classes`. All of it is in memory, in float32: classes · samplesPerClass · size · 4 bytes.
 *
 * A mixture of Gaussians. (Say here what your set is, where it is from, its license, and how it was split.)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} from `load`, when a row is none of the set.
 */
export function exampleDataset(options: ExampleDatasetOptions = {}): Dataset {
  const name = 'exampleDataset'
  expectKnownOptions(name, options, ['classes', 'samplesPerClass', 'size', 'spread', 'seed'])
  const { classes = 10, samplesPerClass = 100, size = 16, spread = 0.5, seed = 0 } = options
  expectNumber(name, 'classes', classes, { min: 2, integer: true })
  expectNumber(name, 'samplesPerClass', samplesPerClass, { min: 2, integer: true })
  expectNumber(name, 'size', size, { min: 1, integer: true })
  expectNumber(name, 'spread', spread, { min: 0 })
  expectNumber(name, 'seed', seed, { integer: true })

  const random = Random.at(seed, name)
  const centres = Float32Array.from({ length: classes * size }, () => random.normal())
  const labels = Int32Array.from({ length: classes * samplesPerClass }, (_, row) => row % classes)
  const samples = Float32Array.from({ length: labels.length * size }, (_, i) => centres[(Math.floor(i / size) % classes) * size + (i % size)]! + spread * random.normal())

  return {
    name,
    labels,
    classNames: Array.from({ length: classes }, (_, label) => `class ${label}`),
    sampleShape: [size],
    load(rows) {
      const values = new Float32Array(rows.length * size)
      for (const [i, row] of rows.entries()) {
        if (row < 0 || row >= labels.length) {
          return Promise.reject(new DataError({ who: name, wanted: `rows from 0 to ${labels.length - 1}`, got: String(row), fix: 'Draw rows from a sampler that was made with the labels of this set.' }))
        }
        values.set(samples.subarray(row * size, (row + 1) * size), i * size)
      }
      return Promise.resolve({ values, shape: [rows.length, size] })
    },
  }
}
