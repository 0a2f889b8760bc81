import { expect, it } from 'vitest'
import type { Turns } from './alternate.js'
import { NETS } from './nets.js'
import { COMPILED, EAGER, PYTORCH, TORCH_COMPILE, type Side } from './side.js'
import { stepCells } from './step-page.js'
import type { Turn } from './turn.js'

const upToDate = { step: 10, fields: 40, guards: 0.003, comparison: 7 }
const turns = (...milliseconds: number[]) => ({ turns: milliseconds.map((value) => ({ milliseconds: value, baseMiB: 100, peakMiB: 100 + 10 * value })) })

it('shows medians of turns, the ratio of compiled to PyTorch, memory with its growth, and what it costs to be up to date', () => {
  const taken = new Map<Side, Turns<Turn>>([[COMPILED, turns(10, 12, 11)], [EAGER, turns(30)], [PYTORCH, turns(20, 22)], [TORCH_COMPILE, { turns: [], failure: 'code 1' }]])
  const cells = ['ConvNet-4, width 16, 64', 'triplet', '3', '11.0', '30.0', '21.0', 'code 1', '0.52x', '210 (110)', '310 (210)', '0.21 % (0.73)', '1.2 %']
  expect(stepCells(NETS[0]!, 'triplet', taken, upToDate, { step: 10, look: 2.4 })).toEqual(cells)
})

it('has no ratio with a side that failed', () => {
  const failed = { turns: [...turns(20).turns], failure: 'more than 300 s' }
  const taken = new Map<Side, Turns<Turn>>([[COMPILED, turns(10)], [EAGER, turns(30)], [PYTORCH, failed], [TORCH_COMPILE, failed]])
  expect(stepCells(NETS[0]!, 'triplet', taken, upToDate, { step: 10, look: 2.4 }).slice(3)).toEqual(['10.0', '30.0', 'more than 300 s', 'more than 300 s', '–', '200 (100)', '–', '0.21 % (0.73)', '1.2 %'])
})
