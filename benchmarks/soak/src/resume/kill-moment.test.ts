import { Random } from '@metric-learning/contracts'
import { expect, it } from 'vitest'
import { drawKillMoments } from './kill-moment.js'

it('draws the same from the same seed, of every kind, and none after the end', () => {
  const draw = (seed: number) => drawKillMoments(Random.at(seed, 'moments'), 99)
  const drawn = Array.from({ length: 200 }, (_, seed) => draw(seed))
  expect(draw(3)).toEqual(draw(3))
  expect(new Set(drawn.map(({ length }) => length))).toEqual(new Set([1, 2, 3, 4]))
  expect(new Set(drawn.flat().map(({ kind }) => kind))).toEqual(new Set(['start', 'load', 'step', 'evaluation', 'save', 'end']))
  for (const moments of drawn) expect(moments.slice(0, -1).map(({ kind }) => kind)).not.toContain('end')
  const last = Math.max(...drawn.filter(({ length }) => length === 1).flatMap(([one]) => (one!.kind === 'step' ? one!.count : [])))
  expect(last).toBeGreaterThan(60)
  expect(last).toBeLessThanOrEqual(99)
})
