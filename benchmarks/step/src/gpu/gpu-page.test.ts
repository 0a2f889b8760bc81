import { expect, it } from 'vitest'
import type { Turns } from '../alternate.js'
import { NETS } from '../nets.js'
import { COMPILED, PYTORCH, TORCH_COMPILE, type Side } from '../side.js'
import type { Work } from '../turn.js'
import { gpuCells, type GpuTurn } from './gpu-page.js'

const net = { ...NETS.find(({ name }) => name === 'resnet50')!, batch: 64 }
const work: Work = { net, loss: 'arcface', precision: 'bfloat16', device: 'cuda', warmUp: 1, steps: 1 }
const turn = (milliseconds: number, reading = {}) => ({ milliseconds, baseMiB: 0, peakMiB: 0, ...reading })

it('shows images a second, their ratio, and what the card did', () => {
  const taken = new Map<Side, Turns<GpuTurn>>([
    [COMPILED, { turns: [turn(10, { utilisation: 90, memoryMiB: 1000 }), turn(12, { utilisation: 94, memoryMiB: 1200 })] }],
    [PYTORCH, { turns: [turn(22, { utilisation: 60, memoryMiB: 900 })] }],
    [TORCH_COMPILE, { turns: [], failure: 'code 1' }],
  ])
  const cells = ['ResNet50, 64 x 64', '64', 'arcface', 'bfloat16', '2', '5818', '2909', 'code 1', '2.00x', '92', '1100', '60', '900']
  expect(gpuCells(work, taken)).toEqual(cells)
})

it('has no readings of a processor', () => {
  const taken = new Map<Side, Turns<GpuTurn>>([[COMPILED, { turns: [turn(10)] }], [PYTORCH, { turns: [turn(20)] }], [TORCH_COMPILE, { turns: [turn(20)] }]])
  expect(gpuCells(work, taken).slice(9)).toEqual(['–', '–', '–', '–'])
})
