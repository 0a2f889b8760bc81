import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { indicesFromSelection } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { AngularMiner } from './angular-miner.js'

const random = new Random(4)
const rows = Array.from({ length: 9 }, () => Array.from({ length: 3 }, () => random.normal()))
const labels = [0, 1, 2, 0, 1, 2, 0, 1, 2]

/** The triplets whose angle at the negative is above a bound, from coordinates in double precision. */
function wide(x: number[][], y: number[][], sameSet: boolean, refLabels: number[], degrees: number): string[] {
  const norm = (v: number[]) => Math.hypot(...v)
  const minus = (v: number[], w: number[]) => v.map((value, i) => value - w[i]!)
  return x.flatMap((a, i) => y.flatMap((p, j) => y.flatMap((n, k) => {
    if (labels[i] !== refLabels[j] || labels[i] === refLabels[k] || (sameSet && i === j)) return []
    const middle = a.map((value, d) => (value + p[d]!) / 2)
    const angle = Math.atan(norm(minus(a, p)) / (2 * norm(minus(n, middle))))
    return (angle * 180) / Math.PI > degrees ? [`${i} ${j} ${k}`] : []
  })))
}
const unit = (x: number[][]) => x.map((row) => row.map((value) => value / Math.hypot(...row)))
const listed = async (selection: ReturnType<AngularMiner['mine']>) => {
  const { anchor, positive, negative } = await indicesFromSelection(selection)
  return Array.from(anchor, (a, i) => `${a} ${positive[i]} ${negative[i]}`).sort()
}

describe('AngularMiner', () => {
  it('keeps the triplets with a wide angle at the negative, of normalised embeddings or as they are', async () => {
    expect(await listed(new AngularMiner({ angle: 30 }).mine(tf.tensor2d(rows), labels))).toEqual(wide(unit(rows), unit(rows), true, labels, 30))
    const raw = new AngularMiner({ angle: 30, normalizeEmbeddings: false })
    expect(await listed(raw.mine(tf.tensor2d(rows), labels))).toEqual(wide(rows, rows, true, labels, 30))
  })

  it('looks at the references, of which the middle is half', async () => {
    const [refEmbeddings, refLabels] = [rows.slice(2).map((row) => row.map((value) => -value)), labels.slice(1, 8)]
    const references = { refEmbeddings: tf.tensor2d(refEmbeddings), refLabels }
    expect(await listed(new AngularMiner({ angle: 25 }).mine(tf.tensor2d(rows), labels, { references }))).toEqual(wide(unit(rows), unit(refEmbeddings), false, refLabels, 25))
  })

  it('wants degrees, and the distance that it is about', () => {
    expect(() => new AngularMiner({ angle: 0.35 })).toThrow('If 0.35 is in radians, pass 20.1')
    expect(() => new AngularMiner({ angle: 90 })).toThrow('at most 89')
    expect(() => new AngularMiner({ distance: new LpDistance({ p: 1 }) })).toThrow('`distance` to be LpDistance')
  })
})
