import { expect, it } from 'vitest'
import { cellsOf } from './speed-page.js'

it('takes medians over all passes, and compares them', () => {
  const ours = [{ times: [2, 4], memory: 10 }, { times: [3, 3], memory: 30 }]
  const row = cellsOf({ loss: 'NTXentLoss', n: 64, ours, pml: [{ times: [120], memory: 500 }] })
  expect(row).toEqual(['NTXentLoss', '64', '2 + 1', '3.00', '120', '40.0x', '20', '500'])
})

it('says why there is no number', () => {
  const ours = [{ times: [5], memory: 1 }]
  const pml = [{ times: [110_000], memory: 9 }, { reason: 'more than 120 s' }]
  expect(cellsOf({ loss: 'NTXentLoss', n: 1024, ours, pml })).toEqual(['NTXentLoss', '1024', '1 + 2', '5.00', 'more than 120 s', '–', '1', '–'])
  expect(cellsOf({ loss: 'NTXentLoss', n: 4096, ours, pml: [] })).toEqual(['NTXentLoss', '4096', '1', '5.00', '–', '–', '1', '–'])
})
