import { Random } from '@metric-learning/contracts'
import { expect, it } from 'vitest'
import { ScoreSorter } from './score-sorter.js'

const COUNTS = [0, 1, 7, 128, 129, 5000, 300]

it.each([...COUNTS.map((count) => [count, 'of all kinds'] as const), ...COUNTS.map((count) => [count, 'of one size'] as const), [3000, 'in two heaps'] as const])(
  'ScoreSorter sorts %s scores %s, highest first, equal ones as they were', (count, kind) => {
  const random = new Random(count)
  const special = [0, Infinity, -Infinity, 3e38, -3e38, 1e-44, -1e-44]
  const draw = {
    'of all kinds': () => (random.int(3) === 0 ? special[random.int(special.length)]! : random.int(9) * random.normal()),
    'of one size': () => Math.round(1000 * random.normal()) / 1000,
    'in two heaps': () => random.int(2) + 1e-5 * random.normal(),
  }[kind]
  const scores = Float32Array.from({ length: count }, draw)
  const rows = Int32Array.from(scores.keys())
  const wanted = [...rows].sort((a, b) => (scores[b]! > scores[a]! ? 1 : scores[b]! < scores[a]! ? -1 : a - b))
  const [sortedRows, sortedScores] = [rows.slice(), scores.slice()]
  const sorter = new ScoreSorter()
  // Once before, so that memory is used again.
  sorter.sort(rows.slice(), scores.slice())
  sorter.sort(sortedRows, sortedScores)
  expect([...sortedRows]).toEqual(wanted)
  expect([...sortedScores].map((score) => score + 0)).toEqual(wanted.map((row) => scores[row]! + 0))
})
