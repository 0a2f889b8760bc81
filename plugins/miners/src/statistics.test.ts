import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { Random, type Miner } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { relationsOf } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import * as miners from './index.js'

const random = new Random(5)
const rows = Array.from({ length: 10 }, () => Array.from({ length: 3 }, () => random.normal()))
const labels = [0, 1, 2, 0, 1, 2, 0, 1, 2, 3]
const unit = rows.map((row) => row.map((value) => value / Math.hypot(...row)))
const apart = (x: number[], y: number[]) => Math.hypot(...x.map((value, i) => value - y[i]!))
const mean = (of: number[]) => of.reduce((sum, value) => sum + value, 0) / of.length

/** All triplets of normalised rows. */
const triplets = labels.flatMap((a, i) => labels.flatMap((p, j) => labels.flatMap((n, k) => (a === p && i !== j && a !== n ? [[i, j, k] as const] : []))))
const pairs = (isPositive: boolean) => labels.flatMap((a, i) => labels.flatMap((b, j) => (i !== j && (a === b) === isPositive ? [apart(unit[i]!, unit[j]!)] : [])))

function recorded(miner: Miner): Record<string, number> {
  let found: Record<string, number> = {}
  tf.tidy(() => {
    miner.mine(tf.tensor2d(rows), relationsOf(labels), {
      record: (statistics) => {
        found = Object.fromEntries(Object.entries(statistics).map(([name, value]) => [name, value.arraySync()]))
      },
    })
  })
  expect(Object.keys(found).sort()).toEqual([...(miner.statistics ?? [])].sort())
  return found
}
const expectClose = (found: Record<string, number>, wanted: Record<string, number>) => {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort())
  for (const [name, value] of Object.entries(wanted)) expect(found[name], name).toBeCloseTo(value, 3)
}

describe('What miners record', () => {
  it('is nothing unless they are told to', () => {
    expect(recorded(new miners.BatchHardMiner())).toEqual({})
    expect(new miners.BatchHardMiner().statistics).toBeUndefined()
  })

  it('is of PairMarginMiner how far all pairs are apart', () => {
    const { numPosPairs, numNegPairs, ...distances } = recorded(new miners.PairMarginMiner({ negMargin: 1, collectStats: true }))
    expect([numPosPairs, numNegPairs]).toEqual([pairs(true).filter((d) => d > 0.2).length, pairs(false).filter((d) => d < 1).length])
    expectClose(distances, { posPairDist: mean(pairs(true)), negPairDist: mean(pairs(false)) })
  })

  it('is of TripletMarginMiner how far those of all triplets are', () => {
    const [ap, an] = [triplets.map(([a, p]) => apart(unit[a]!, unit[p]!)), triplets.map(([a, , n]) => apart(unit[a]!, unit[n]!))]
    const numTriplets = ap.filter((d, i) => an[i]! - d <= 0.2).length
    expectClose(recorded(new miners.TripletMarginMiner({ collectStats: true })), { numTriplets, posPairDist: mean(ap), negPairDist: mean(an), avgTripletMargin: mean(an) - mean(ap) })
  })

  it('is of AngularMiner the angles of all triplets', () => {
    const angles = triplets.map(([a, p, n]) => {
      const middle = unit[a]!.map((value, d) => (value + unit[p]![d]!) / 2)
      return (Math.atan(apart(unit[a]!, unit[p]!) / (2 * apart(unit[n]!, middle))) * 180) / Math.PI
    })
    const [above, below] = [angles.filter((angle) => angle > 40), angles.filter((angle) => angle <= 40)]
    expectClose(recorded(new miners.AngularMiner({ angle: 40, collectStats: true })), {
      numTriplets: above.length,
      averageAngle: mean(angles),
      averageAngleAboveThreshold: mean(above),
      averageAngleBelowThreshold: mean(below),
      minAngle: Math.min(...angles),
      maxAngle: Math.max(...angles),
      stdOfAngle: Math.sqrt(angles.reduce((sum, angle) => sum + (angle - mean(angles)) ** 2, 0) / (angles.length - 1)),
    })
  })

  it.each([
    ['BatchHardMiner', (distance: LpDistance | CosineSimilarity) => new miners.BatchHardMiner({ distance, collectStats: true })],
    ['BatchEasyHardMiner', (distance: LpDistance | CosineSimilarity) => new miners.BatchEasyHardMiner({ distance, posStrategy: 'hard', negStrategy: 'hard', collectStats: true })],
  ])('are of %s the extremes of what it selects', (_, create) => {
    for (const isInverted of [false, true]) {
      const value = (i: number, j: number) => (isInverted ? unit[i]!.reduce((sum, x, d) => sum + x * unit[j]![d]!, 0) : apart(unit[i]!, unit[j]!))
      const harder = (x: number, y: number) => (isInverted ? x < y : x > y)
      const extreme = (list: number[], isHarder: boolean) => list.reduce((best, x) => (harder(x, best) === isHarder ? x : best))
      const anchors = labels.flatMap((label, i) => (label === 3 ? [] : [i]))
      const positive = anchors.map((i) => extreme(labels.flatMap((label, j) => (i !== j && label === labels[i] ? [value(i, j)] : [])), true))
      const negative = anchors.map((i) => extreme(labels.flatMap((label, j) => (label === labels[i] ? [] : [value(i, j)])), false))
      const violation = positive.map((p, i) => (isInverted ? negative[i]! - p : p - negative[i]!))
      const all = Object.entries(recorded(create(isInverted ? new CosineSimilarity() : new LpDistance())))
      const found = Object.fromEntries(all.filter(([name]) => !name.startsWith('num')))
      expectClose(found, {
        easiestTriplet: Math.min(...violation),
        hardestTriplet: Math.max(...violation),
        easiestPosPair: extreme(positive, false),
        hardestPosPair: extreme(positive, true),
        easiestNegPair: extreme(negative, true),
        hardestNegPair: extreme(negative, false),
      })
    }
  })

  it('is 0 where there is nothing, and is named by the miner within another', () => {
    const alone = new miners.BatchHardMiner({ collectStats: true })
    tf.tidy(() => {
      alone.mine(tf.tensor2d(rows.slice(0, 2)), [0, 0], { record: (statistics) => {
        expect(Object.values(statistics).map((value) => value.arraySync())).toEqual(new Array(7).fill(0))
      } })
    })
    const union = new miners.UnionMiner({ miners: [new miners.HDCMiner(), alone] })
    expect(Object.keys(recorded(union))).toContain('miners.1/numTriplets')
  })

  it.each(Object.entries(miners).flatMap(([name, value]) => (typeof value === 'function' && 'declaredOptions' in value ? [[name, value] as const] : [])))('is told by the docstring of %s', async (name, Miner) => {
    const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('-miner.ts') || file.startsWith('embeddings-'))
    const sources = await Promise.all(files.map((file) => readFile(join(import.meta.dirname, file), 'utf8')))
    const docstring = sources.find((source) => source.includes(`export class ${name} `))?.match(/\n \* Statistics: [^@]*?\n \*\n/)?.[0] ?? ''
    const isComposed = !('collectStats' in Miner.declaredOptions)
    const names = isComposed ? ['miners.0/numTriplets'] : (new (Miner as new (options: object) => Miner)({ collectStats: true }).statistics ?? [])
    for (const statistic of names) expect(docstring).toContain(`\`${statistic}\``)
    expect(names).not.toEqual([])
  })
})
