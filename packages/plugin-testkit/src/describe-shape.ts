import { expectKnownOptions } from '@metric-learning/contracts'
import { describe } from 'vitest'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectRefused, expectThat, short } from './expectations.js'

/** What {@link describeShape} checks. */
export const SHAPE_CHECKS = {
  values: { title: 'gives a finite number at every position', look: 'divisions, roots and powers at position 0 and far beyond the end of the course.' },
  position: { title: 'goes by position and initial value alone', look: 'what it keeps between calls: a resumed run asks for a position in its middle first, and has to be on the same course.' },
  moves: { title: 'is not the same at all positions', look: 'whether the position reaches the formula.' },
  initial: { title: 'goes by the initial value', look: 'the second argument, which the number has before the run. A shape with a peak of its own skips this.' },
  mistakes: { title: 'refuses mistakes with an error of this library', look: 'the function that makes it: `expectKnownOptions` and `expectFixedNumber` of contracts.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeShape}. */
export type ShapeCheck = keyof typeof SHAPE_CHECKS

/** How the shape of a schedule is tried. */
export interface ShapeConformance {
  /** Makes the shape: the value at a position, counted from 0, of a number with an initial value. */
  readonly create: () => (position: number, initial: number) => number
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<ShapeCheck>
}

/** The first ones, and some that only long runs come to. */
const POSITIONS = [...Array.from({ length: 300 }, (_, position) => position), 1000, 10_000, 1_000_000]

/**
 * Whether the shape of a schedule keeps its contract: a finite number at every position, which follows from position and initial
 * value alone, so that a resumed run is on its course at once.
 *
 * @example describeShape('triangular', { create: () => triangular({ stepSize: 10 }), mistakes: { 'no step size': () => triangular({}) } })
 */
export function describeShape(name: string, conformance: ShapeConformance): void {
  expectKnownOptions('describeShape', conformance, ['create', 'mistakes', 'skip'])
  const { create, mistakes = {}, skip = {} } = conformance
  const check = checksOf('describeShape', SHAPE_CHECKS, skip)

  describe(name, () => {
    check('values', () => {
      const shape = create()
      for (const position of POSITIONS) {
        const value: unknown = shape(position, 0.1)
        expectThat(Number.isFinite(value), { what: `the value at position ${position} from 0.1`, wanted: 'a finite number', got: String(value) })
      }
    })

    check('position', () => {
      const shape = create()
      const inOrder = new Map(POSITIONS.map((position) => [position, shape(position, 0.1)]))
      for (const [what, other] of [['asked for from the end', create()], ['asked for again', shape]] as const) {
        for (const position of [...POSITIONS].reverse()) {
          const [value, wanted] = [other(position, 0.1), inOrder.get(position)!]
          expectThat(value === wanted, { what: `the value at position ${position}, ${what}`, wanted: `${short(wanted)}, as when it was asked for in order`, got: short(value) })
        }
      }
    })

    check('moves', () => {
      const shape = create()
      const first = shape(0, 0.1)
      expectThat(POSITIONS.some((position) => shape(position, 0.1) !== first), { what: `the values at ${POSITIONS.length} positions`, wanted: 'different ones', got: `${short(first)} at all of them` })
    })

    check('initial', () => {
      const shape = create()
      const isOther = POSITIONS.some((position) => shape(position, 0.2) !== shape(position, 0.1))
      expectThat(isOther, { what: 'the values from 0.2', wanted: 'others than from 0.1', got: 'the same at all positions' })
    })

    for (const [mistake, make] of Object.entries(mistakes)) check('mistakes', () => {
      expectRefused(mistake, make)
    }, { of: mistake })
  })
}
