import { describe, expect, it } from 'vitest'
import { HookSet } from '../hooks/hook-set.js'
import type { Trainer } from '../trainer/trainer.js'
import { progressLine } from './progress-line.js'

async function run(isTTY: boolean, dataWait = 0): Promise<string> {
  let text = ''
  const hooks = new HookSet()
  const trainer = { hooks: hooks.taps(), options: { sampler: { batchSize: 32 } } } as unknown as Trainer
  const stream = { isTTY, columns: 200, write: (part: string) => (text += part) }
  progressLine({ stream, everySteps: 2, label: 'Triplet' }).apply(trainer)
  const where = { trainer, epoch: 1, step: 0 }
  await hooks.epochStart.promise({ ...where, epochs: 2, steps: 8 })
  for (let stepInEpoch = 1; stepInEpoch <= 8; stepInEpoch++) {
    const loss = () => Promise.resolve(0.5)
    const losses = () => Promise.resolve({ triplet: 0.5 })
    await hooks.batchEnd.promise({ ...where, rows: new Int32Array(), stepInEpoch, steps: 8, dataWait, loss, losses })
  }
  await hooks.done.promise({ ...where, stopReason: 'Ctrl-C' })
  return text
}

describe('progressLine', () => {
  it('adds a line every quarter of an epoch where there is no terminal', async () => {
    const lines = (await run(false)).trimEnd().split('\n')
    expect(lines.length).toBe(5)
    expect(lines[0]).toMatch(/^Triplet {2}epoch 1\/2 {2}step 2\/8 {2}loss 0\.5000 {2}\d+ samples\/s {2}\d+ s left$/)
    expect(lines.at(-1)).toBe('Triplet  stopped in epoch 1, step 0: Ctrl-C')
  })

  it('says when steps wait for their data', async () => {
    const lines = (await run(false, 1e6)).split('\n')
    expect(lines[0]).toMatch(/ left {2}data wait \d+ %$/)
  })

  it('rewrites one line on a terminal', async () => {
    const text = await run(true)
    expect(text.split('\r').length - 1).toBe(5)
    expect(text.split('\n').length - 1).toBe(2)
  })
})
