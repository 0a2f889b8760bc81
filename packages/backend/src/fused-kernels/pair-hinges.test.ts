import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { compileStep } from '../compile/compile-step.js'
import { crowdOf, inputsOf as rowInputsOf, normals, rowKinds, type LabelledPairs, type Measured, type RowKind, type Rows } from './labelled-pairs.fixture.js'

interface Pairs extends LabelledPairs {
  readonly margins: readonly [number, number]
}

interface Hinges {
  readonly sums: number[]
  readonly ofX: number[]
  readonly ofY: number[]
}

/** What makes rows of which few or many pairs cost something, or that are hard to tell apart. */
const kinds: Readonly<Record<string, RowKind>> = {
  ...rowKinds,
  'a crowd far from zero': crowdOf(1e-2),
  'rows of several sizes': (random, dim) => () => normals(random, dim).map((value) => value * 2 ** (random.int(5) - 2)),
}

/** The formula, in double precision. Pairs whose cost is next to 0, which float32 takes for one thing or the other, are counted apart. */
function slowly({ x, y = x, labels, refLabels, ownRows, isFilled, margins }: Pairs, { normalized, byProduct }: Measured): Hinges & { readonly inDoubt: number[] } {
  const ready = (rows: Rows) => rows.map((row) => {
    const norm = Math.hypot(...row)
    const inverse = normalized ? 1 / Math.max(norm, 1e-12) : 1
    return { row: Array.from(row, (value) => value * inverse), inverse: normalized && norm <= 1e-12 ? 0 : inverse }
  })
  const [anchors, references] = [ready(x), ready(y)]
  const dim = x[0]!.length
  const squares = [anchors, references].map((rows) => rows.map(({ row }) => row.reduce((sum, value) => sum + value * value, 0)))
  const sums = [0, 0, 0, 0]
  const inDoubt = [0, 0]
  const [ofX, ofY] = [anchors, references].map((rows) => [0, 1].map(() => rows.map(() => new Array<number>(dim).fill(0)))) as [number[][][], number[][][]]
  anchors.forEach(({ row: a }, i) => {
    references.forEach(({ row: b }, j) => {
      const kind = labels[i] === refLabels[j] ? 0 : 1
      if ((isFilled?.[j] ?? 1) === 0 || (kind === 0 && ownRows?.[i] === j)) return
      let [product, square] = [0, 0]
      for (let k = 0; k < dim; k++) {
        product += a[k]! * b[k]!
        square += (a[k]! - b[k]!) ** 2
      }
      const apart = byProduct ? product : Math.sqrt(square)
      const isBeyond = (kind === 0) !== byProduct
      const cost = (apart - margins[kind]!) * (isBeyond ? 1 : -1)
      const size = squares[0]![i]! + squares[1]![j]!
      if (Math.abs(cost) <= 1e-5 * (byProduct ? size : Math.sqrt(size))) {
        inDoubt[kind]! += 1
        return
      }
      if (cost <= 0) return
      sums[2 * kind]! += cost
      sums[2 * kind + 1]! += 1
      const slope = !byProduct && apart === 0 ? 0 : (isBeyond ? 1 : -1) / (byProduct ? 1 : apart)
      for (let k = 0; k < dim; k++) {
        ofX[kind]![i]![k]! += slope * (byProduct ? b[k]! : a[k]! - b[k]!)
        ofY[kind]![j]![k]! += slope * (byProduct ? a[k]! : b[k]! - a[k]!)
      }
    })
  })
  const unscaled = (gradient: number[][][], rows: typeof anchors) => gradient.flatMap((of) => of.flatMap((values, i) => {
    const { row, inverse } = rows[i]!
    const along = normalized ? values.reduce((sum, value, k) => sum + value * row[k]!, 0) : 0
    return values.map((value, k) => (value - along * row[k]!) * inverse)
  }))
  return { sums, inDoubt, ofX: unscaled(ofX, anchors), ofY: unscaled(ofY, references) }
}

const inputsOf = ({ margins, ...pairs }: Pairs): tf.NamedTensorMap => ({ ...rowInputsOf(pairs), margins: tf.tensor1d([...margins]) })

const run = (inputs: tf.NamedTensorMap, attributes: Measured & { readonly of: 'x' | 'y' | 'both' | 'none'; readonly plainly?: boolean }) =>
  tf.engine().runKernel<tf.Tensor[]>(FusedKernel.pairHinges, inputs, { ...attributes })

function found(inputs: tf.NamedTensorMap, attributes: Measured & { readonly plainly?: boolean }): Hinges {
  const [sums, ofX] = run(inputs, { ...attributes, of: 'x' })
  const [same, ofY] = run(inputs, { ...attributes, of: 'y' })
  expect(same!.shape).toEqual([2, 2])
  return { sums: [...sums!.dataSync()], ofX: [...ofX!.dataSync()], ofY: [...ofY!.dataSync()] }
}

function near(got: readonly number[], wanted: readonly number[], tolerance: number): void {
  expect(got.length).toBe(wanted.length)
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const apart = got.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0)
  expect(apart).toBeLessThanOrEqual(tolerance * (1 + largest))
}

describe.runIf(hasFusedKernel(FusedKernel.pairHinges))('pairHinges', () => {
  const ways = [true, false].flatMap((normalized) => [true, false].map((byProduct) => ({ normalized, byProduct })))

  describe.each(Object.entries(kinds))('of %s', (_, kind) => {
    it.each(ways)('add up to what a slow loop gives, of any number of rows and columns, with %o', (attributes) => {
      const random = new Random(7)
      const sizes = [[1, 0, 3], [2, 0, 1], [5, 70, 2], [48, 0, 8], [49, 33, 17], [97, 0, 9], [6, 800, 12], [7, 450, 130], [250, 30, 33]] as const
      let compared = 0
      for (const [n, m, dim] of sizes) {
        const row = kind(random, dim)
        const x = Array.from({ length: n }, () => row(0))
        const count = m || n
        const classes = 1 + random.int(7)
        const labelsOf = (length: number) => Array.from({ length }, () => random.int(classes) * (random.int(6) === 0 ? -100 - random.int(50) : 1))
        const labels = labelsOf(n)
        const pairs = {
          x,
          ...(m > 0 && { y: Array.from({ length: m }, (_, j) => (j % 5 === 0 ? x[random.int(n)]! : row(0))) }),
          labels,
          refLabels: m > 0 ? labelsOf(m) : labels,
          ...(m === 0 ? { ownRows: [...labels.keys()] } : random.int(2) === 0 && { ownRows: labels.map(() => random.int(count)) }),
          ...(random.int(2) === 0 && m > 0 && { isFilled: Array.from({ length: count }, () => (random.int(4) === 0 ? 0 : 1)) }),
          margins: ([[0, 1], [0.3, 0.7], [-0.5, 1.6], [0, 30]] as const)[random.int(4)]!,
        }
        tf.tidy(() => {
          const inputs = inputsOf(pairs)
          const got = found(inputs, attributes)
          const wanted = slowly(pairs, attributes)
          for (const of of [0, 1]) {
            near([got.sums[2 * of]!], [wanted.sums[2 * of]!], 1e-5)
            expect(got.sums[2 * of + 1]! - wanted.sums[2 * of + 1]!).toBeGreaterThanOrEqual(0)
            expect(got.sums[2 * of + 1]! - wanted.sums[2 * of + 1]!).toBeLessThanOrEqual(wanted.inDoubt[of]!)
          }
          // The slope of a cost next to 0 is one thing or the other, but at distance 0, where it is none.
          if (wanted.inDoubt[1] === 0 && (wanted.inDoubt[0] === 0 || (!attributes.byProduct && pairs.margins[0] === 0))) {
            near(got.ofX, wanted.ofX, 1e-4)
            near(got.ofY, wanted.ofY, 1e-4)
            compared += 1
          }
          expect(found(inputs, { ...attributes, plainly: true })).toEqual(got)
          if (m > 0) return
          const [sums, both] = run(inputs, { ...attributes, of: 'both' })
          expect([...sums!.dataSync()]).toEqual(got.sums)
          near([...both!.dataSync()], got.ofX.map((value, i) => value + got.ofY[i]!), 1e-5)
        })
      }
      expect(compared, 'gradients that were compared').toBeGreaterThan(2)
    })
  })

  const batch = (random: Random): Pairs => {
    const x = Array.from({ length: 300 }, () => normals(random, 20))
    const labels = Array.from(x.keys(), (row) => row % 60)
    return { x, labels, refLabels: labels, ownRows: [...x.keys()], margins: [0.1, 1.3] }
  }

  it('gives the same in a compiled step, where margins may change', () => {
    const inputs = inputsOf(batch(new Random(6)))
    const attributes = { normalized: true, byProduct: false, of: 'both' } as const
    const step = compileStep((x, margins) => run({ ...inputs, x: x!, y: x!, margins: margins! }, attributes), { fallback: 'throw', name: 'pair hinges' })
    for (const margins of [[0.1, 1.3], [0.1, 1.3], [0, 1], [0.5, 1.5]]) {
      const given = { ...inputs, margins: tf.tensor1d(margins) }
      const wanted = run(given, attributes).map((each) => [...each.dataSync()])
      expect(step(inputs['x']!, given.margins).map((each) => [...each.dataSync()])).toEqual(wanted)
    }
    step.dispose()
  })

  it('makes no gradient where none is wanted', () => {
    const inputs = inputsOf(batch(new Random(6)))
    const [sums, none] = run(inputs, { normalized: true, byProduct: false, of: 'none' })
    expect(none!.shape).toEqual([2, 0, 20])
    expect([...sums!.dataSync()]).toEqual([...run(inputs, { normalized: true, byProduct: false, of: 'x' })[0]!.dataSync()])
  })

  it('does not hide what is no number, but of places that are empty', () => {
    const x = [[1, 0], [NaN, 0], [0, 1], [0, 1]].map((row) => Float32Array.from(row))
    const of = (labels: number[], isFilled: number[]) => tf.tidy(() => {
      const pairs = { x: [x[0]!, x[2]!], y: x, labels: [0, 1], refLabels: labels, ownRows: [0, 2], isFilled, margins: [0, 1] as const }
      return [...run(inputsOf(pairs), { normalized: true, byProduct: false, of: 'none' })[0]!.dataSync()]
    })
    expect(of([0, 0, 1, 0], [1, 1, 1, 1]).map(Number.isNaN)).toEqual([true, false, true, false])
    expect(of([0, 0, 1, 1], [1, 0, 1, 1])).toEqual([0, 0, 0, 0])
  })

  it('says what shapes it takes', () => {
    const inputs = inputsOf({ x: [new Float32Array(2)], labels: [0, 1], refLabels: [0], margins: [0, 1] })
    expect(() => run(inputs, { normalized: true, byProduct: false, of: 'x' })).toThrow('labels [n]')
    const fits = inputsOf({ x: [new Float32Array(2)], labels: [0], refLabels: [0], margins: [0, 1] })
    expect(() => run({ ...fits, margins: tf.tensor1d([1]) }, { normalized: true, byProduct: false, of: 'x' })).toThrow('margins [2]')
  })

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors
    const inputs = inputsOf({ x: [new Float32Array(2), new Float32Array(2)], labels: [0, 1], refLabels: [0, 1], margins: [0, 1] })
    tf.dispose(run(inputs, { normalized: true, byProduct: false, of: 'x' }))
    tf.dispose(inputs)
    expect(tf.memory().numTensors).toBe(before)
  })
})
