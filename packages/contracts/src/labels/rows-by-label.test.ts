import { expect, it } from 'vitest'
import { rowsByLabel } from './rows-by-label.js'

it('rowsByLabel groups rows, labels in the order in which they first come', () => {
  expect([...rowsByLabel(Int32Array.of(7, -1, 7, 2, -1, 7))]).toEqual([[7, [0, 2, 5]], [-1, [1, 4]], [2, [3]]])
  expect([...rowsByLabel([])]).toEqual([])
})
