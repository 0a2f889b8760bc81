import { expect, it } from 'vitest'
import { NETS } from './nets.js'
import { stepPage } from './step-page.js'

it('shows medians of turns, and the ratio of compiled to PyTorch', () => {
  const turns = (...milliseconds: number[]) => milliseconds.map((value) => ({ milliseconds: value, peakMegabytes: 10 * value }))
  const row = {
    net: NETS[0]!,
    loss: 'triplet' as const,
    turns: { compiled: turns(10, 12, 11), eager: turns(30), PyTorch: turns(20, 22), 'torch.compile': [] },
  }
  expect(stepPage([row], 'm', 'c')).toContain('| ConvNet-4, width 16, 64 | triplet | 11.0 | 30.0 | 21.0 | – | 0.52x | 110 | 210 |')
})
