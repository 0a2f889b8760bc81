import { expect, it } from 'vitest'
import { largeBatchCells } from './large-batch-page.js'

const turns = [10, 12, 11].map((value) => ({ milliseconds: 256 * value, baseMiB: 100, peakMiB: 100 + value }))

it('shows medians of turns, of a step and of a sample, and memory with its growth', () => {
  expect(largeBatchCells('arcface', { batch: 256 }, turns)).toEqual(['ArcFace', '256', 'whole', '3', '2816', '11.00', '111 (11)'])
  expect(largeBatchCells('memory', { batch: 4096, chunkSize: 1024 }, turns).slice(1, 3)).toEqual(['4096', '1024'])
})
