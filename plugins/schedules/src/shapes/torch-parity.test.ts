import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as schedules from '../index.js'
import type { OnPlateauOptions } from './on-plateau.js'
import type { Shape } from './shape.js'
import type { WarmUpOptions } from './warm-up.js'

interface ShapeCase {
  readonly shape: string
  readonly options: object
  readonly initial: number
  readonly values: readonly number[]
}

/** Made by fixtures/torch_sequences.py. */
interface Sequences {
  readonly shapes: readonly ShapeCase[]
  readonly warmUps: readonly (ShapeCase & { readonly warmUp: WarmUpOptions })[]
  readonly chains: readonly { readonly parts: readonly Pick<ShapeCase, 'shape' | 'options'>[]; readonly initial: number; readonly values: readonly number[] }[]
  readonly plateaus: readonly {
    readonly options: Omit<OnPlateauOptions, 'metric'>
    readonly initial: number
    readonly metrics: readonly number[]
    readonly values: readonly number[]
  }[]
}

const sequences = JSON.parse(readFileSync(new URL('../../fixtures/torch-sequences.json', import.meta.url), 'utf8')) as Sequences

const shapeOf = ({ shape, options }: Pick<ShapeCase, 'shape' | 'options'>): Shape =>
  (schedules as unknown as Record<string, (options: object) => Shape>)[shape]!(options)

/** To 1e-7 of each value; what PyTorch leaves of its products where 0 is meant counts as 0. */
function expectSame(got: readonly number[], wanted: readonly number[]): void {
  const nought = 1e-12 * Math.max(...wanted)
  expect(got).toHaveLength(wanted.length)
  got.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!), `position ${i}: ${value} for ${wanted[i]}`).toBeLessThanOrEqual(nought + 1e-7 * wanted[i]!)
  })
}

const along = (shape: Shape, { initial, values }: { readonly initial: number; readonly values: readonly number[] }) =>
  values.map((_, position) => shape(position, initial))

const show = (value: unknown) => JSON.stringify(value).replaceAll('"', '')

describe("PyTorch's sequences", () => {
  it('are of every shape there is', () => {
    expect([...new Set(sequences.shapes.map(({ shape }) => shape))].sort()).toEqual(
      ['constant', 'cosine', 'cosineWarmRestarts', 'exponential', 'linear', 'multiStep', 'oneCycle', 'polynomial', 'step'].sort(),
    )
  })

  it.each(sequences.shapes.map((each) => [`${each.shape}(${show(each.options)}) from ${each.initial}`, each] as const))('%s', (_, each) => {
    expectSame(along(shapeOf(each), each), each.values)
  })

  it.each(sequences.warmUps.map((each) => [`${each.shape}(${show(each.options)}), ${show(each.warmUp)}`, each] as const))(
    'warmUp of %s',
    (_, each) => {
      expectSame(along(schedules.warmUp(shapeOf(each), each.warmUp), each), each.values)
    },
  )

  it.each(sequences.chains.map((each) => [show(each.parts.map(({ shape }) => shape)), each] as const))('chained %s', (_, each) => {
    expectSame(along(schedules.chained(...each.parts.map(shapeOf)), each), each.values)
  })

  it.each(sequences.plateaus.map((each) => [show(each.options), each] as const))('onPlateau(%s)', (_, { options, initial, metrics, values }) => {
    const plateau = schedules.onPlateau({ metric: 'val/precisionAt1', ...options })
    let state = plateau.begin
    const got = metrics.map((value) => {
      state = JSON.parse(JSON.stringify(plateau.next(state, value))) as typeof state
      return plateau.valueAt(state, initial)
    })
    expectSame(got, values)
    // A case in which nothing happens would show nothing.
    expect(new Set(values).size).toBeGreaterThan(1)
  })
})
