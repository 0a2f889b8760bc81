import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { compileStep } from '../compile/compile-step.js'
import { crowdOf, inputsOf, normals, rowKinds, type LabelledPairs, type Measured, type RowKind, type Rows } from './labelled-pairs.fixture.js'

/** What makes rows that are hard to tell apart, or to round. */
const kinds: Readonly<Record<string, RowKind>> = {
  ...rowKinds,
  'a dense crowd far from zero': crowdOf(1e-4),
  'rows of very different sizes': (random, dim) => () => normals(random, dim).map((value) => value * 10 ** (random.int(9) - 4)),
  'one row, again and again': (random, dim) => {
    const row = normals(random, dim)
    return () => row
  },
}

/** The formula, in double precision and then as a float, of equals the first. */
function slowly({ x, y = x, labels, refLabels, ownRows, isFilled }: LabelledPairs, { normalized, byProduct }: Measured): number[][] {
  const ready = (rows: Rows) => rows.map((row) => {
    const inverse = normalized ? 1 / Math.max(Math.hypot(...row), 1e-12) : 1
    return Array.from(row, (value) => value * inverse)
  })
  const [anchors, references] = [ready(x), y === x ? ready(x) : ready(y)]
  return anchors.map((a, i) => {
    const square = a.reduce((sum, value) => sum + value * value, 0)
    const apart = references.map((b) => {
      if (byProduct) return Math.fround(-a.reduce((sum, value, k) => sum + value * b[k]!, 0))
      const sum = a.reduce((sum, value, k) => sum + (value - b[k]!) ** 2, 0)
      return sum <= 1e-14 * square ? 0 : Math.fround(Math.sqrt(sum))
    })
    const among = [...references.keys()].filter((j) => (isFilled?.[j] ?? 1) > 0)
    const positives = among.filter((j) => refLabels[j] === labels[i] && ownRows?.[i] !== j)
    const negatives = among.filter((j) => refLabels[j] !== labels[i])
    if (positives.length === 0 || negatives.length === 0) return [0, 0, 0]
    const first = (of: number[], isBetter: (a: number, b: number) => boolean) => of.reduce((best, j) => (isBetter(apart[j]!, apart[best]!) ? j : best))
    return [first(positives, (a, b) => a > b), first(negatives, (a, b) => a < b), 1]
  })
}

const run = (inputs: tf.NamedTensorMap, attributes: Measured & { readonly plainly?: boolean }) =>
  tf.engine().runKernel<tf.Tensor[]>(FusedKernel.hardestPairs, inputs, { ...attributes })

const columns = (outputs: readonly tf.Tensor[]): number[][] => {
  const [positives, negatives, exists] = outputs.map((output) => output.dataSync())
  return Array.from(positives!, (positive, i) => [positive, negatives![i]!, exists![i]!])
}

describe.runIf(hasFusedKernel(FusedKernel.hardestPairs))('hardestPairs', () => {
  const ways = [true, false].flatMap((normalized) => [true, false].map((byProduct) => ({ normalized, byProduct })))

  describe.each(Object.entries(kinds))('among %s', (_, kind) => {
    it.each(ways)('finds what a slow loop finds, of any number of rows and columns, with %o', (attributes) => {
      const random = new Random(5)
      for (const [n, m, dim] of [[1, 0, 3], [2, 0, 1], [5, 70, 2], [48, 0, 8], [49, 33, 17], [97, 0, 9], [130, 0, 24], [6, 200, 12]] as const) {
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
          ...(random.int(2) === 0 && { isFilled: Array.from({ length: count }, () => (random.int(4) === 0 ? 0 : 1)) }),
        }
        tf.tidy(() => {
          const inputs = inputsOf(pairs)
          const got = columns(run(inputs, attributes))
          expect(got).toEqual(slowly(pairs, attributes))
          expect(columns(run(inputs, { ...attributes, plainly: true }))).toEqual(got)
        })
      }
    })
  })

  it('gives the same in a compiled step, as a batch is compared with itself', () => {
    const random = new Random(6)
    const x = Array.from({ length: 300 }, () => normals(random, 20))
    const labels = Array.from(x.keys(), (row) => row % 60)
    const inputs = inputsOf({ x, labels, refLabels: labels, ownRows: [...x.keys()] })
    const attributes = { normalized: true, byProduct: false }
    const step = compileStep((embeddings) => run({ ...inputs, x: embeddings!, y: embeddings! }, attributes), { fallback: 'throw', name: 'hardest pairs' })
    const wanted = columns(run(inputs, attributes))
    for (let time = 0; time < 3; time++) expect(columns(step(inputs['x']!))).toEqual(wanted)
    step.dispose()
  })

  it('finds nothing near what is no number, and no end of it', () => {
    const x = [[1, 0], [NaN, 0], [0, Infinity], [0, 1], [1, 1]].map((row) => Float32Array.from(row))
    const labels = [0, 0, 1, 1, 0]
    tf.tidy(() => {
      const found = columns(run(inputsOf({ x, labels, refLabels: labels, ownRows: [0, 1, 2, 3, 4] }), { normalized: true, byProduct: false }))
      expect([found[0], found[4]]).toEqual([[4, 3, 1], [0, 3, 1]])
      expect([found[1]![2], found[2]![2]]).toEqual([0, 0])
    })
  })

  it('says what shapes it takes', () => {
    const inputs = inputsOf({ x: [new Float32Array(2)], labels: [0, 1], refLabels: [0] })
    expect(() => run(inputs, { normalized: true, byProduct: false })).toThrow('labels [n]')
  })

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors
    const inputs = inputsOf({ x: [new Float32Array(2), new Float32Array(2)], labels: [0, 1], refLabels: [0, 1] })
    tf.dispose(run(inputs, { normalized: true, byProduct: false }))
    tf.dispose(inputs)
    expect(tf.memory().numTensors).toBe(before)
  })
})
