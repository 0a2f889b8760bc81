import { Random } from '@metric-learning/contracts'
import { expect, it } from 'vitest'
import { ScoreSorter } from './score-sorter.js'

it.each([0, 1, 7, 128, 129, 5000, 300])('ScoreSorter sorts %s scores, highest first, equal ones as they were', (count) => {
  const random = new Random(count)
  const special = [0, Infinity, -Infinity, 3e38, -3e38, 1e-44, -1e-44]
  const scores = Float32Array.from({ length: count }, () => (random.int(3) === 0 ? special[random.int(special.length)]! : random.int(9) * random.normal()))
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
