import { expect, it } from 'vitest'
import { parityPage } from './parity-page.js'
import { METRIC_NAMES, type Metric, type RunResult } from './result.js'

const all = (value: number) => Object.fromEntries(METRIC_NAMES.map((metric) => [metric, value])) as Record<Metric, number>
const run = (library: 'ours' | 'PML', seed: number, value: number, imagesPerSecond: number): RunResult => ({
  library,
  loss: 'triplet',
  seed,
  untrained: all(0.1),
  trained: all(value),
  imagesPerSecond,
})

it('shows means, spreads, how far apart they are, and the ratio of speeds', () => {
  const results = [run('ours', 0, 0.3, 1000), run('ours', 1, 0.32, 1200), run('PML', 0, 0.35, 2000), run('PML', 1, 0.35, 2000)]
  const page = parityPage(results, { machine: 'm', versions: 'v', threads: 2, command: 'c', recipe: 'r.' })
  expect(page).toContain('| **triplet** | AMI | 0.310 ± 0.014 | 0.350 ± 0.000 | 2.8 |')
  expect(page).toContain('| **untrained** | AMI | 0.100 ± 0.000 | 0.100 ± 0.000 | – |')
  expect(page).toContain('| triplet | 1100 ± 141 | 2000 ± 0 | 0.55x |')
})
