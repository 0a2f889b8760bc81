import { checkedLabels, expectKnownOptions, isStateful, type Dataset, type DrawPosition, type LoadedSamples } from '@metric-learning/contracts'
import { beforeAll, describe } from 'vitest'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectRefusedLater, expectThat } from './expectations.js'
import { expectStateReturns } from './expect-state.js'

/** What {@link describeDataset} checks. */
export const DATASET_CHECKS = {
  labels: { title: 'has a label for each sample, and a name for each class', look: '`labels`, `classNames` and `columns`: an Int32Array from 0, a name at each label, an entry a sample in each column.' },
  classNames: { title: 'has a name of its own for each class', look: '`classNames`, and those of `columns`: classes under one name can\'t be told apart in reports, projections and errors.' },
  samples: { title: 'loads samples of the shape that it says', look: 'load(): `shape` is [rows, ...sampleShape], and `values` has as many entries, bytes or finite float32.' },
  normalization: { title: 'says how bytes are normalised', look: '`normalization`: mean and std above 0 for each channel, the last axis of `sampleShape`; absent where load() gives Float32Array.' },
  rows: { title: 'loads the rows that were asked for, in that order', look: 'load(): the order of `rows`, repeated rows, and rows apart from one another; a set that draws at random says `views: Infinity`.' },
  distinct: { title: 'has samples that differ', look: 'load(): whether row numbers reach what is read, and whether what is read is kept.' },
  repeatable: { title: 'loads the same at the same position, whatever was loaded before', look: 'what load() keeps in fields: draw from `Random.at(at.seed, …, at.epoch, at.batch, at.view)`.' },
  together: { title: 'loads several batches at once', look: 'what load() shares between calls, such as a buffer: loads run ahead of the step, two and more at a time.' },
  ownership: { title: 'gives samples that are the caller\'s', look: 'a buffer that load() fills anew, or pixels of its own that it hands out: what a caller writes there is in the next load.' },
  views: { title: 'has as many views as it says', look: '`views`, and whether `at.view` reaches the draws.' },
  missingRows: { title: 'refuses rows that it has not', look: 'the first lines of load(): a row number below 0 or beyond the last sample is a DataError, not zeros.' },
  state: { title: 'goes on from its state, if it has one', look: '`state()` and `restore()`: all that samples depend on besides the position.' },
  mistakes: { title: 'refuses mistakes with an error of this library', look: 'the constructor or factory: `expectKnownOptions` and `expectNumber` of contracts, `DataError` for what is on the disk.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeDataset}. */
export type DatasetCheck = keyof typeof DATASET_CHECKS

/** How a dataset is tried. */
export interface DatasetConformance {
  /** Makes the dataset, every time of the same samples; at least two. */
  readonly create: () => Dataset | Promise<Dataset>
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Ends what `create` made, such as threads. Default nothing. */
  readonly dispose?: (dataset: Dataset) => void | Promise<void>
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<DatasetCheck>
}

/**
 * Whether a dataset keeps its contract: labels that fit, a name of its own for each class, samples of the shape that it says,
 * which differ and follow from rows and position alone, several loads at once.
 *
 * @example describeDataset('recordings', { create: () => recordings({ folder: 'test/recordings' }) })
 */
export function describeDataset(name: string, conformance: DatasetConformance): void {
  expectKnownOptions('describeDataset', conformance, ['create', 'mistakes', 'dispose', 'skip'])
  const { create, mistakes = {}, dispose, skip = {} } = conformance
  const check = checksOf('describeDataset', DATASET_CHECKS, skip)

  describe(name, () => {
    let dataset: Dataset
    beforeAll(async () => {
      dataset = await create()
      return async () => {
        await dispose?.(dataset)
      }
    })
    const at = (batch = 0, view = 0): DrawPosition => ({ seed: 5, epoch: 1, batch, view })
    /** Rows of both ends, one of them twice. */
    const someRows = () => {
      const count = dataset.labels.length
      return Int32Array.from(new Set([count - 1, 0, Math.floor(count / 2), Math.min(1, count - 1)]))
    }

    check('labels', () => {
      const { labels, classNames } = dataset
      expectThat(labels instanceof Int32Array, { what: '`labels`', wanted: 'an Int32Array', got: Object.prototype.toString.call(labels) })
      const { sampleCount, columns } = checkedLabels(dataset.name, dataset)
      expectThat(sampleCount >= 2, { what: '`labels`', wanted: 'at least two samples to try', got: String(sampleCount) })
      const nameless = labels.find((label) => typeof classNames[label] !== 'string')
      expectThat(nameless === undefined, { what: '`classNames`', wanted: `a name for each label, which are integers from 0`, got: `none for label ${nameless}` })
      for (const [column, given] of columns) {
        if (!('labels' in given) || !given.classNames) continue
        const { labels: ofColumn, classNames: names } = given
        const without = ofColumn.find((label) => typeof names[label] !== 'string')
        expectThat(without === undefined, { what: `\`classNames\` of the column "${column}"`, wanted: 'a name for each label', got: `none for label ${without}` })
      }
    })

    check('classNames', () => {
      const { classNames, columns = {} } = dataset
      const expectDistinct = (what: string, names: readonly string[]) => {
        const twice = names.findIndex((name, label) => names.indexOf(name) !== label)
        expectThat(twice === -1, { what, wanted: 'another name for each class', got: `"${names[twice]}" for label ${names.indexOf(names[twice]!)} and for label ${twice}` })
      }
      expectDistinct('`classNames`', classNames)
      for (const [column, given] of Object.entries(columns)) {
        if ('labels' in given && given.classNames) expectDistinct(`\`classNames\` of the column "${column}"`, given.classNames)
      }
    })

    check('samples', async () => {
      const rows = someRows()
      for (const some of [rows, rows.slice(0, 1)]) {
        const { values, shape } = await dataset.load(some, at())
        const wanted = [some.length, ...dataset.sampleShape]
        expectThat(shape.join() === wanted.join(), { what: `the shape of ${some.length} samples`, wanted: `[${wanted.join(', ')}], rows and then \`sampleShape\``, got: `[${shape.join(', ')}]` })
        const size = wanted.reduce((product, extent) => product * extent, 1)
        expectThat(values.length === size, { what: `the values of ${some.length} samples`, wanted: `${size}, as their shape says`, got: String(values.length) })
        const isKnown = values instanceof Uint8Array || values instanceof Float32Array
        expectThat(isKnown, { what: 'the values of samples', wanted: 'a Uint8Array or a Float32Array', got: Object.prototype.toString.call(values) })
        const bad = values.findIndex((value: number) => !Number.isFinite(value))
        expectThat(bad === -1, { what: 'the values of samples', wanted: 'finite numbers', got: `${values[bad]} at place ${bad}` })
      }
    })

    check('normalization', async () => {
      const { values } = await dataset.load(someRows(), at())
      const { normalization, sampleShape } = dataset
      if (values instanceof Float32Array) {
        expectThat(normalization === undefined, { what: '`normalization`', wanted: 'none, for load() gives Float32Array, which nobody normalises', got: 'one' })
        return
      }
      expectThat(normalization !== undefined, { what: '`normalization`', wanted: 'one, for load() gives bytes', got: 'none' })
      const channels = sampleShape.at(-1)!
      for (const part of ['mean', 'std'] as const) {
        const numbers = normalization[part]
        const isFine = numbers.length === channels && numbers.every((value) => Number.isFinite(value) && (part === 'mean' || value > 0))
        expectThat(isFine, { what: `\`normalization.${part}\``, wanted: `${channels} finite numbers${part === 'std' ? ' above 0' : ''}, one a channel`, got: `[${numbers.join(', ')}]` })
      }
    })

    check('rows', async () => {
      const draws = (dataset.views ?? 1) > 1
      const rows = someRows()
      const backwards = Int32Array.from([...rows].reverse())
      const whole = samplesOf(await dataset.load(rows, at()), rows.length)
      if (draws) return
      const other = samplesOf(await dataset.load(backwards, at()), rows.length)
      for (const [i, row] of rows.entries()) {
        expectSamples(`row ${row} in a batch in another order`, other[rows.length - 1 - i]!, whole[i]!, 'in the first order')
        const alone = await dataset.load(Int32Array.of(row), at())
        expectSamples(`row ${row} alone`, samplesOf(alone, 1)[0]!, whole[i]!, 'in a batch')
        const twice = samplesOf(await dataset.load(Int32Array.of(row, rows[0]!, row), at()), 3)
        for (const one of [twice[0]!, twice[2]!]) expectSamples(`row ${row}, asked for twice`, one, whole[i]!, 'in a batch')
      }
    })

    check('distinct', async () => {
      const step = Math.ceil(dataset.labels.length / 64)
      const rows = Int32Array.from({ length: Math.ceil(dataset.labels.length / step) }, (_, i) => i * step)
      let first: string | undefined
      for (let start = 0; start < rows.length; start += 16) {
        const some = rows.subarray(start, start + 16)
        const texts = samplesOf(await dataset.load(some.slice(), at()), some.length).map(String)
        first ??= texts[0]
        if (texts.some((text) => text !== first)) return
      }
      expectThat(false, { what: `the values of ${rows.length} samples`, wanted: 'others in some of them', got: 'the same in all of them' })
    })

    check('repeatable', async () => {
      const rows = someRows()
      const first = [...(await dataset.load(rows, at())).values]
      await dataset.load(rows.slice(1), at(1))
      await dataset.load(rows, at(2, 0))
      expectSamples('samples loaded again after others', (await dataset.load(rows, at())).values, first, 'the first time')
      const other = await create()
      try {
        expectSamples('samples of a second dataset', (await other.load(rows, at())).values, first, 'of the first')
      } finally {
        await dispose?.(other)
      }
    })

    check('together', async () => {
      const rows = someRows()
      const backwards = Int32Array.from([...rows].reverse())
      const wanted = [[...(await dataset.load(rows, at())).values], [...(await dataset.load(backwards, at(1))).values]]
      const loaded = await Promise.all([dataset.load(rows, at()), dataset.load(backwards, at(1))])
      for (const [i, { values }] of loaded.entries()) expectSamples(`load ${i + 1} of two at once`, values, wanted[i]!, 'alone')
    })

    check('ownership', async () => {
      const rows = someRows()
      const { values } = await dataset.load(rows, at())
      const before = [...values]
      await dataset.load(Int32Array.from([...rows].reverse()), at(1))
      expectSamples('samples after another load', values, before, 'before it')
      values.fill(1)
      expectSamples('samples that a caller overwrote, loaded again', (await dataset.load(rows, at())).values, before, 'before')
    })

    check('views', async () => {
      const { views = 1 } = dataset
      expectThat(views === Infinity || (Number.isInteger(views) && views >= 1), { what: '`views`', wanted: 'an integer of at least 1, or Infinity', got: String(views) })
      const rows = someRows()
      const first = [...(await dataset.load(rows, at(0, 0))).values].join()
      if (views === 1) return
      // Draws may agree by chance.
      for (let batch = 0; batch < 8; batch++) {
        if ([...(await dataset.load(rows, at(batch, 1))).values].join() !== first) return
      }
      expectThat(false, { what: 'the second view, in 8 batches', wanted: `another than the first, for \`views\` is ${views}`, got: 'the same in all of them' })
    })

    check('missingRows', async () => {
      for (const row of [-1, dataset.labels.length]) {
        await expectRefusedLater(`row ${row} of ${dataset.labels.length} samples`, () => dataset.load(Int32Array.of(0, row), at()))
      }
    })

    check('state', async () => {
      if (!isStateful(dataset)) return
      const rows = someRows()
      const wanted = [...(await dataset.load(rows, at())).values]
      const other = await create()
      try {
        expectStateReturns(dataset, other as Dataset & typeof dataset)
        expectSamples('samples after restore()', (await other.load(rows, at())).values, wanted, 'before')
      } finally {
        await dispose?.(other)
      }
    })

    for (const [mistake, make] of Object.entries(mistakes)) check('mistakes', async () => {
      await expectRefusedLater(mistake, async () => make())
    }, { of: mistake })
  })
}

/** The values of each sample. */
function samplesOf({ values }: LoadedSamples, count: number): number[][] {
  const size = values.length / count
  return Array.from({ length: count }, (_, i) => Array.from(values.subarray(i * size, (i + 1) * size)))
}

function expectSamples(what: string, actual: ArrayLike<number>, wanted: ArrayLike<number>, as: string): void {
  const at = Array.from(wanted).findIndex((value, i) => value !== actual[i])
  const isSame = at === -1 && actual.length === wanted.length
  expectThat(isSame, {
    what,
    wanted: at === -1 ? `${wanted.length} values, as ${as}` : `${wanted[at]} at place ${at}, as ${as}`,
    got: at === -1 ? String(actual.length) : String(actual[at]),
  })
}
