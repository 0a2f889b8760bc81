import { expectKnownOptions, isStateful, type BatchPosition, type BatchSampler } from '@metric-learning/contracts'
import { describe } from 'vitest'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectRefused, expectThat } from './expectations.js'
import { expectStateReturns, throughFile } from './expect-state.js'

/** What {@link describeSampler} checks. */
export const SAMPLER_CHECKS = {
  sizes: { title: 'says how large batches and epochs are', look: '`name`, `batchSize`, `minBatchSize`, `batchesPerEpoch` and `sampleCount`: whole numbers from 1, and for how many samples it was made.' },
  rows: { title: 'gives batchSize rows of the data set, in an Int32Array', look: 'batch(): row numbers are integers from 0 to below the number of samples; a last, smaller batch is left out, or `minBatchSize` says so.' },
  lateEpochs: { title: 'gives batches of the same kind in late epochs, too', look: 'what of batch() goes by the epoch: its number has no end.' },
  distinct: { title: 'does not fill its batches with one row', look: 'whether each place of a batch has a draw of its own.' },
  coverage: { title: 'draws every row of the data set sooner or later', look: 'the bounds of draws, and rows that are left over each time. A sampler of a part of the data set skips this.' },
  position: { title: 'gives any batch at once, whatever was asked for before', look: 'what batch() keeps in fields: draw from `Random.at(seed, name, epoch, batch)`, so that a resumed run goes on with the same batches.' },
  draws: { title: 'draws anew in each epoch, from each seed, for each batch', look: 'whether seed, epoch and batch all reach `Random.at`. A sampler that always gives the same skips this.' },
  cycles: { title: 'does not come round to the same epochs', look: 'what becomes of `epoch` before it reaches `Random.at`: a remainder or a bound has epochs come again. A sampler that skips `draws` is spared.' },
  ownership: { title: 'gives batches that are the caller\'s', look: 'an Int32Array that batch() fills anew or hands out again: loads run ahead, so that several batches are in use at once.' },
  state: { title: 'goes on from its state', look: '`state()` and `restore()`: all that batches depend on besides the position.' },
  prepared: { title: 'goes on within an epoch with what it prepared at its beginning', look: '`prepare()`, `state()` and `restore()`: with `batch` above 0 nothing is worked out anew, since the model has moved on; it comes from the state.' },
  mistakes: { title: 'refuses mistakes with an error of this library', look: 'the constructor: `expectKnownOptions`, `expectNumber` and `toLabelArray` of contracts.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeSampler}. */
export type SamplerCheck = keyof typeof SAMPLER_CHECKS

/** How a sampler is tried. */
export interface SamplerConformance {
  /** Makes the sampler, every time in the same state. */
  readonly create: () => BatchSampler
  /** Samples of the data set that it draws from. */
  readonly sampleCount: number
  /** Changes the model that `prepare` looks at, as training does. Default: none is looked at. */
  readonly moveModel?: () => void
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<SamplerCheck>
}

/**
 * Whether a sampler keeps its contract: whole batches of rows that are there, not of one alone,
 * sooner or later of all; they follow from seed, epoch and batch alone, and are others in each epoch.
 *
 * @example describeSampler('ByHourSampler', { create: () => new ByHourSampler({ hours, batchSize: 32 }), sampleCount: hours.length })
 */
export function describeSampler(name: string, conformance: SamplerConformance): void {
  expectKnownOptions('describeSampler', conformance, ['create', 'sampleCount', 'moveModel', 'mistakes', 'skip'])
  const { create, sampleCount, moveModel, mistakes = {}, skip = {} } = conformance
  const check = checksOf('describeSampler', SAMPLER_CHECKS, skip)

  describe(name, () => {
    const sampler = create()
    const at = (batch: number, epoch = 1, seed = 5): BatchPosition => ({ seed, epoch, batch })
    const rowsAt = preparing()
    const batchesOf = async (of: BatchSampler, positions: readonly BatchPosition[]) => {
      const rows = new Map<string, string>()
      for (const position of positions) rows.set(JSON.stringify(position), (await rowsAt(of, position)).join())
      return rows
    }
    const count = Math.min(sampler.batchesPerEpoch, 8)
    const positions = [1, 2].flatMap((epoch) => Array.from({ length: count }, (_, batch) => at(batch, epoch)))

    check('sizes', () => {
      expectThat(typeof sampler.name === 'string' && sampler.name !== '', { what: '`name`', wanted: 'a text for errors and draws', got: JSON.stringify(sampler.name) })
      for (const size of ['batchSize', 'batchesPerEpoch'] as const) {
        expectThat(Number.isInteger(sampler[size]) && sampler[size] >= 1, { what: `\`${size}\``, wanted: 'an integer of at least 1', got: String(sampler[size]) })
      }
      const { minBatchSize: least = sampler.batchSize } = sampler
      expectThat(Number.isInteger(least) && least >= 1 && least <= sampler.batchSize, { what: '`minBatchSize`', wanted: `an integer from 1 to \`batchSize\`, which is ${sampler.batchSize}`, got: String(least) })
      const { sampleCount: said = sampleCount } = sampler
      expectThat(said === sampleCount, { what: '`sampleCount`', wanted: `${sampleCount}, as the data set has`, got: String(said) })
    })

    const expectRows = async (position: BatchPosition) => {
      const rows = await rowsAt(sampler, position)
      const what = `batch ${position.batch} of epoch ${position.epoch}`
      expectThat(rows instanceof Int32Array, { what, wanted: 'an Int32Array', got: Object.prototype.toString.call(rows) })
      const { batchSize, minBatchSize = batchSize } = sampler
      const wanted = minBatchSize === batchSize ? `${batchSize} rows, as \`batchSize\` says` : `${minBatchSize} to ${batchSize} rows, as \`minBatchSize\` and \`batchSize\` say`
      expectThat(rows.length >= minBatchSize && rows.length <= batchSize, { what, wanted, got: String(rows.length) })
      const outside = rows.find((row) => row < 0 || row >= sampleCount)
      expectThat(outside === undefined, { what, wanted: `rows from 0 to ${sampleCount - 1}`, got: String(outside) })
    }

    check('rows', async () => {
      for (const position of positions) await expectRows(position)
      await expectRows(at(sampler.batchesPerEpoch - 1))
    })

    check('lateEpochs', async () => {
      const epochs = [...Array.from({ length: 64 }, (_, i) => i + 1), 100, 1000, 10_000]
      for (const epoch of epochs) for (let batch = 0; batch < count; batch++) await expectRows(at(batch, epoch))
    })

    check('distinct', async () => {
      if (sampler.batchSize === 1 || sampleCount === 1) return
      // A draw with replacement may give one row alone by chance.
      const isMixed = [...(await batchesOf(sampler, positions)).values()].some((rows) => new Set(rows.split(',')).size > 1)
      expectThat(isMixed, { what: `the rows within each of ${positions.length} batches`, wanted: 'different ones', got: `one row repeated in all of them: [${(await rowsAt(sampler, at(0))).join()}] first` })
    })

    check('coverage', async () => {
      const missing = new Set(Array.from({ length: sampleCount }, (_, row) => row))
      const most = Math.ceil((1000 * sampleCount) / Math.max(1, sampler.batchSize))
      let drawn = 0
      for (let epoch = 1; missing.size > 0 && drawn < most && epoch <= most; epoch++) {
        for (let batch = 0; batch < sampler.batchesPerEpoch && drawn < most; batch++, drawn++) {
          for (const row of await rowsAt(sampler, at(batch, epoch))) missing.delete(row)
        }
      }
      const some = [...missing].slice(0, 8).join(', ')
      expectThat(missing.size === 0, { what: `the rows of ${drawn} batches`, wanted: `all of 0 to ${sampleCount - 1}`, got: `none of ${some}${missing.size > 8 ? ` and ${missing.size - 8} more` : ''}` })
    })

    check('position', async () => {
      const inOrder = await batchesOf(create(), positions)
      for (const [what, other] of [['of another sampler in another order', create()], ['once more', sampler]] as const) {
        for (const [position, rows] of await batchesOf(other, [...positions].reverse())) {
          expectThat(rows === inOrder.get(position), { what: `the batch at ${position}, ${what}`, wanted: `[${inOrder.get(position)}], as when it was asked for in order`, got: `[${rows}]` })
        }
      }
    })

    check('draws', async () => {
      const first = (await rowsAt(sampler, at(0))).join()
      for (const [what, position] of [['of the next epoch', at(0, 2)], ['of another seed', at(0, 1, 6)], ...(count > 1 ? [['of the next batch', at(1)] as const] : [])] as const) {
        expectThat((await rowsAt(sampler, position)).join() !== first, { what: `the batch ${what}`, wanted: 'other rows, or the same in another order', got: `the same: [${first}]` })
      }
    })

    check('cycles', async () => {
      for (const first of [1, 1000]) {
        const epochs: string[] = []
        for (let i = 0; i < 2 * LONGEST_CYCLE; i++) {
          const batches = await batchesOf(sampler, Array.from({ length: count }, (_, batch) => at(batch, first + i)))
          epochs.push([...batches.values()].join(' '))
        }
        const cycle = cycleOf(epochs)
        expectThat(cycle === undefined, { what: `the batches of epochs ${first} to ${first + epochs.length - 1}`, wanted: 'other ones in each', got: `the same every ${cycle === 1 ? 'epoch' : `${cycle} epochs`}` })
      }
    }, { inapplicable: skip.draws })

    check('ownership', async () => {
      const first = await rowsAt(sampler, at(0))
      const before = first.join()
      if (count > 1) await rowsAt(sampler, at(1))
      await rowsAt(sampler, at(0, 2))
      expectThat(first.join() === before, { what: 'a batch after another was asked for', wanted: `[${before}], as it was`, got: `[${first.join()}]` })
      first.fill(0)
      const again = (await rowsAt(sampler, at(0))).join()
      expectThat(again === before, { what: 'a batch that its caller overwrote, asked for again', wanted: `[${before}]`, got: `[${again}]` })
    })

    if (isStateful(sampler)) check('state', async () => {
      const [used, fresh] = [create(), create()]
      const rows = await batchesOf(used, positions)
      expectStateReturns(used as typeof sampler & BatchSampler, fresh as typeof sampler & BatchSampler)
      for (const [position, again] of await batchesOf(fresh, positions)) {
        expectThat(again === rows.get(position), { what: `the batch at ${position} after restore()`, wanted: `[${rows.get(position)}]`, got: `[${again}]` })
      }
    })

    if (sampler.prepare) check('prepared', async () => {
      const [used, fresh] = [create(), create()]
      const rows = await batchesOf(used, Array.from({ length: count }, (_, batch) => at(batch, 2)))
      moveModel?.()
      if (isStateful(used)) (fresh as typeof used).restore(throughFile(used.state()))
      await fresh.prepare?.(at(1, 2))
      for (let batch = 1; batch < count; batch++) {
        const [before, again] = [rows.get(JSON.stringify(at(batch, 2))), fresh.batch(at(batch, 2)).join()]
        expectThat(again === before, { what: `batch ${batch} of an epoch that goes on, after the model has moved`, wanted: `[${before}], as it was`, got: `[${again}]` })
      }
    })

    for (const [mistake, make] of Object.entries(mistakes)) check('mistakes', () => {
      expectRefused(mistake, make)
    }, { of: mistake })
  })
}

/** Asks samplers for batches as the trainer does: one that prepares is told to before another epoch. */
function preparing(): (sampler: BatchSampler, position: BatchPosition) => Promise<Int32Array> {
  const epochs = new WeakMap<BatchSampler, string>()
  return async (sampler, position) => {
    const epoch = `${position.seed} ${position.epoch}`
    if (sampler.prepare && epochs.get(sampler) !== epoch) await sampler.prepare({ ...position, batch: 0 })
    epochs.set(sampler, epoch)
    return sampler.batch(position)
  }
}

/** Of the cycles of epochs that are looked for. */
const LONGEST_CYCLE = 16

/** After how many entries a list, at least twice as long as the longest cycle, repeats itself from end to end. */
const cycleOf = (list: readonly string[]): number | undefined =>
  Array.from({ length: LONGEST_CYCLE }, (_, i) => i + 1).find((cycle) => list.slice(cycle).every((entry, i) => entry === list[i]))
