import type { Plugin, Trainer } from '@metric-learning/core'
import { describe, expect, it } from 'vitest'
import { progressLine, type ProgressLineOptions } from './progress-line.js'
import { tapping, toyTester, toyTrainer } from './toy-run.fixture.js'

/** What is written while `train` runs. */
async function shown(isTTY: boolean, train: (trainer: Trainer) => Promise<void>, plugins: Plugin[] = [], options: ProgressLineOptions = {}) {
  let text = ''
  const stream = { isTTY, columns: 60, write: (part: string) => (text += part) }
  const trainer = toyTrainer([...plugins, progressLine({ stream, label: 'Triplet', ...options })])
  await train(trainer)
  return text
}

/** What a terminal of that text would show. */
const screen = (text: string) => text.split('\n').map((line) => line.split('\r\x1b[2K').at(-1)!)

const stopAt = (at: number): Plugin =>
  tapping('stopAt', ({ hooks }) => {
    hooks.batchEnd.tap({ name: 'stopAt' }, ({ trainer, step }) => {
      if (step === at) trainer.stop('SIGTERM')
    })
  })

describe('progressLine', () => {
  it('adds a line at each quarter of an epoch where there is no terminal, with the loss once it was logged', async () => {
    const lines = (await shown(false, (trainer) => trainer.train({ epochs: 2 }))).trimEnd().split('\n')
    expect(lines).toHaveLength(8)
    expect(lines[0]).toMatch(/^Triplet {2}epoch 1\/2 {2}step 1\/4 {2}\d+ samples\/s {2}\d+ s left/)
    expect(lines[1]).toMatch(/^Triplet {2}epoch 1\/2 {2}step 2\/4 {2}loss \d\.\d{4} {2}\d+ samples\/s {2}\d+ s left/)
    expect(lines[7]).toMatch(/^Triplet {2}epoch 2\/2 {2}step 4\/4 {2}loss \d\.\d{4} /)
  })

  it('shows the mean of the losses that were logged in the epoch', async () => {
    const losses: number[] = []
    const spy = tapping('spy', ({ hooks }) => {
      hooks.log.tap({ name: 'spy' }, (entry) => {
        if (entry.kind === 'scalar' && entry.tag === 'train/loss') losses.push(entry.value)
      })
    })
    const lines = (await shown(false, (trainer) => trainer.train({ epochs: 2 }), [spy])).trimEnd().split('\n')
    expect(lines[3]).toContain(`loss ${((losses[0]! + losses[1]!) / 2).toFixed(4)}`)
    expect(lines[7]).toContain(`loss ${((losses[2]! + losses[3]!) / 2).toFixed(4)}`)
  })

  it('says when steps wait for their data', async () => {
    const late = tapping('late', ({ hooks }) => {
      hooks.batchEnd.tap({ name: 'late', stage: 'measure' }, (context) => {
        Object.assign(context, { dataWait: 1e6 })
      })
    })
    expect(await shown(false, (trainer) => trainer.train({ epochs: 1 }), [late])).toMatch(/ {2}data wait \d+ %\n/)
  })

  it('rewrites one line on a terminal, an epoch, and cuts what is too long', async () => {
    const lines = screen(await shown(true, (trainer) => trainer.train({ epochs: 2 })))
    expect(lines).toHaveLength(3)
    expect(lines[0]).toContain('Triplet  epoch 1/2  step 4/4  loss')
    expect(lines[1]).toContain('Triplet  epoch 2/2  step 4/4  loss')
    expect(lines[2]).toBe('')
    for (const line of lines) expect(line.length).toBeLessThan(60)
  })

  it('shows evaluations under way on a terminal, and what they found everywhere', async () => {
    const train = (trainer: Trainer) => trainer.train({ epochs: 1 })
    const terminal = await shown(true, train, [toyTester('tester')])
    expect(terminal).toContain('\r\x1b[2KTriplet  epoch 0/1  evaluating …')
    expect(screen(terminal)[0]).toBe('Triplet  epoch 0/1  val  precisionAt1 1.0000  in 1.0 s  bes')
    expect(screen(terminal)[2]).toMatch(/^Triplet {2}epoch 1\/1 {2}val {2}precisionAt1 0\.\d{4} /)
    const file = await shown(false, train, [toyTester('tester')], { metrics: ['none'], label: '' })
    expect(file.split('\n')[0]).toBe('epoch 0/1  val  precisionAt1 1.0000  in 1.0 s  best so far')
    expect(file).not.toContain('evaluating')
  })

  it('goes on in the middle of an epoch, and says why it stopped', async () => {
    const text = await shown(
      false,
      async (trainer) => {
        await trainer.train({ epochs: 1 })
        await trainer.train({ epochs: 1 })
      },
      [stopAt(3)],
    )
    expect(text.split('\n').map((line) => line.split('  ').slice(1, 3).join(' '))).toEqual([
      ...['epoch 1/1 step 1/4', 'epoch 1/1 step 2/4', 'epoch 1/1 step 3/4', 'stopped in epoch 1, step 3: SIGTERM'],
      ...['epoch 1/1 step 4/4', ''],
    ])
  })

  it('leaves the terminal on a line of its own when the run fails', async () => {
    const failing = tapping('failing', ({ hooks }) => {
      hooks.batchEnd.tap({ name: 'failing' }, ({ step }) => {
        if (step === 3) throw new Error('out of paper')
      })
    })
    const text = await shown(true, (trainer) => expect(trainer.train({ epochs: 1 })).rejects.toThrow('out of paper'), [failing])
    expect(screen(text)).toEqual([expect.stringContaining('step 1/4'), ''])
  })

  it('refuses options that there are not', () => {
    expect(() => progressLine({ everySteps: 5 } as never)).toThrow('got `everySteps`')
  })
})
