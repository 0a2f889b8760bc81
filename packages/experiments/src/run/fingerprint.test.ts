import { expect, it } from 'vitest'
import { toyData } from '../toy-data.fixture.js'
import { fingerprint } from './fingerprint.js'

it('tells data of other classes, samples, shapes or sides', () => {
  const { train } = toyData()
  const all = [{ train }, { train, test: train }, { train, test: train, references: train }, toyData({ classes: 11 }), toyData({ samplesPerClass: 9 }), toyData({ channels: 3 }), { train: { ...train, load: (rows: Int32Array) => train.load(rows), labels: Int32Array.from(train.labels).reverse() } }]
  expect(new Set(all.map(fingerprint)).size).toBe(all.length)
  expect(fingerprint(toyData())).toBe(fingerprint({ train }))
})
