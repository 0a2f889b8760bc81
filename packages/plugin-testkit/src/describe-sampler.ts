import { expectKnownOptions, isStateful, type BatchPosition, type BatchSampler } from '@metric-learning/contracts'
import { describe } from 'vitest'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectRefused, expectThat } from './expectations.js'
import { expectStateReturns } from './expect-state.js'

/** What {@link describeSampler} checks. */
export const SAMPLER_CHECKS = {
  sizes: { title: 'says how large batches and epochs are', look: '`name`, `batchSize`, `batchesPerEpoch` and `sampleCount`: whole numbers from 1, and for how many samples it was made.' },
  rows: { title: 'gives batchSize rows of the data set, in an Int32Array', look: 'batch(): row numbers are integers from 0 to below the number of samples; a last, smaller batch is left out.' },
  position: { title: 'gives any batch at once, whatever was asked for before', look: 'what batch() keeps in fields: draw from `Random.at(seed, name, epoch, batch)`, so that a resumed run goes on with the same batches.' },
  draws: { title: 'draws anew in each epoch, from each seed, for each batch', look: 'whether seed, epoch and batch all reach `Random.at`. A sampler that always gives the same skips this.' },
  ownership: { title: 'gives batches that are the caller\'s', look: 'an Int32Array that batch() fills anew or hands out again: loads run ahead, so that several batches are in use at once.' },
  state: { title: 'goes on from its state', look: '`state()` and `restore()`: all that batches depend on besides the position.' },
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
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<SamplerCheck>
}

/**
 * Whether a sampler keeps its contract: whole batches of rows that are there, which follow from seed, epoch and batch alone.
 *
 * @example describeSampler('ByHourSampler', { create: () => new ByHourSampler({ hours, batchSize: 32 }), sampleCount: hours.length })
 */
export function describeSampler(name: string, conformance: SamplerConformance): void {
  expectKnownOptions('describeSampler', conformance, ['create', 'sampleCount', 'mistakes', 'skip'])
  const { create, sampleCount, mistakes = {}, skip = {} } = conformance
  const check = checksOf('describeSampler', SAMPLER_CHECKS, skip)

  describe(name, () => {
    const sampler = create()
    const at = (batch: number, epoch = 1, seed = 5): BatchPosition => ({ seed, epoch, batch })
    const batchesOf = (of: BatchSampler, positions: readonly BatchPosition[]) => new Map(positions.map((position) => [JSON.stringify(position), Array.from(of.batch(position)).join()]))
    const count = Math.min(sampler.batchesPerEpoch, 8)
    const positions = [1, 2].flatMap((epoch) => Array.from({ length: count }, (_, batch) => at(batch, epoch)))

    check('sizes', () => {
      expectThat(typeof sampler.name === 'string' && sampler.name !== '', { what: '`name`', wanted: 'a text for errors and draws', got: JSON.stringify(sampler.name) })
      for (const size of ['batchSize', 'batchesPerEpoch'] as const) {
        expectThat(Number.isInteger(sampler[size]) && sampler[size] >= 1, { what: `\`${size}\``, wanted: 'an integer of at least 1', got: String(sampler[size]) })
      }
      const { sampleCount: said = sampleCount } = sampler
      expectThat(said === sampleCount, { what: '`sampleCount`', wanted: `${sampleCount}, as the data set has`, got: String(said) })
    })

    check('rows', () => {
      for (const position of positions) {
        const rows = sampler.batch(position)
        const what = `batch ${position.batch} of epoch ${position.epoch}`
        expectThat(rows instanceof Int32Array, { what, wanted: 'an Int32Array', got: Object.prototype.toString.call(rows) })
        expectThat(rows.length === sampler.batchSize, { what, wanted: `${sampler.batchSize} rows, as \`batchSize\` says`, got: String(rows.length) })
        const outside = rows.find((row) => row < 0 || row >= sampleCount)
        expectThat(outside === undefined, { what, wanted: `rows from 0 to ${sampleCount - 1}`, got: String(outside) })
      }
    })

    check('position', () => {
      const inOrder = batchesOf(create(), positions)
      for (const [what, other] of [['of another sampler in another order', create()], ['once more', sampler]] as const) {
        for (const [position, rows] of batchesOf(other, [...positions].reverse())) {
          expectThat(rows === inOrder.get(position), { what: `the batch at ${position}, ${what}`, wanted: `[${inOrder.get(position)}], as when it was asked for in order`, got: `[${rows}]` })
        }
      }
    })

    check('draws', () => {
      const first = sampler.batch(at(0)).join()
      for (const [what, position] of [['of the next epoch', at(0, 2)], ['of another seed', at(0, 1, 6)], ...(count > 1 ? [['of the next batch', at(1)] as const] : [])] as const) {
        expectThat(sampler.batch(position).join() !== first, { what: `the batch ${what}`, wanted: 'other rows, or the same in another order', got: `the same: [${first}]` })
      }
    })

    check('ownership', () => {
      const first = sampler.batch(at(0))
      const before = first.join()
      if (count > 1) sampler.batch(at(1))
      sampler.batch(at(0, 2))
      expectThat(first.join() === before, { what: 'a batch after another was asked for', wanted: `[${before}], as it was`, got: `[${first.join()}]` })
      first.fill(0)
      const again = sampler.batch(at(0)).join()
      expectThat(again === before, { what: 'a batch that its caller overwrote, asked for again', wanted: `[${before}]`, got: `[${again}]` })
    })

    if (isStateful(sampler)) check('state', () => {
      const [used, fresh] = [create(), create()]
      const rows = batchesOf(used, positions)
      expectStateReturns(used as typeof sampler & BatchSampler, fresh as typeof sampler & BatchSampler)
      for (const [position, again] of batchesOf(fresh, positions)) {
        expectThat(again === rows.get(position), { what: `the batch at ${position} after restore()`, wanted: `[${rows.get(position)}]`, got: `[${again}]` })
      }
    })

    for (const [mistake, make] of Object.entries(mistakes)) check('mistakes', () => {
      expectRefused(mistake, make)
    }, { of: mistake })
  })
}
