import { expect, it } from 'vitest'
import { cellsOf } from './speed-page.js'

const row = { pair: 'HDCMiner + ContrastiveLoss', dim: 128, n: 256, memory: 8192 } as const

it('compares medians', () => {
  const ours = { n: 256, memory: 8192, times: [2, 3, 9], peak: 310.4 }
  expect(cellsOf({ ...row, ours, pml: { ...ours, times: [120], peak: 800 } })).toEqual(['HDCMiner + ContrastiveLoss', '128', '256', '8192', '3.00', '120', '40.0x', '310', '800'])
})

it('says why there is no number', () => {
  const ours = { n: 256, memory: 0, times: [2], peak: 300 }
  expect(cellsOf({ ...row, memory: 0, ours, pml: { reason: 'more than 40 s' } }).slice(3)).toEqual(['–', '2.00', 'more than 40 s', '–', '300', '–'])
})
