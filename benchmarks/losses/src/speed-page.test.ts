import { describe, expect, it } from 'vitest'
import { median, speedPage } from './speed-page.js'

const circumstances = { machine: 'here', versions: 'these', command: 'npm run bench:losses', rounds: 2 }

describe('speedPage', () => {
  it('takes medians over all passes, and compares them', () => {
    const ours = [{ times: [2, 4], memory: 10 }, { times: [3, 3], memory: 30 }]
    const page = speedPage([{ loss: 'NTXentLoss', n: 64, ours, pml: [{ times: [120], memory: 500 }] }], circumstances)
    expect(page).toContain('| NTXentLoss | 64 | 3.00 | 120 | 40.0 | 20 | 500 |')
  })

  it('says why there is no number', () => {
    const page = speedPage([{ loss: 'NTXentLoss', n: 4096, ours: [{ times: [5], memory: 1 }], pml: [{ reason: 'more than 12 GiB' }] }], circumstances)
    expect(page).toContain('| NTXentLoss | 4096 | 5.00 | more than 12 GiB | – | 1 | – |')
    expect(speedPage([{ loss: 'NTXentLoss', n: 4096, ours: [{ times: [5], memory: 1 }], pml: [] }], circumstances)).toContain('| 5.00 | – | – | 1 | – |')
  })

  it('knows the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })
})
