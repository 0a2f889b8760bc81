import type { Plugin, Trainer } from '@metric-learning/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { progressLine, type ProgressLineOptions } from './progress-line.js'
import { tapping, toyTester, toyTrainer } from './toy-run.fixture.js'

// What the machine that runs the tests has in its environment.
beforeEach(() => {
  for (const name of ['CI', 'TERM', 'NO_COLOR']) vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

interface Shown {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly plugins?: Plugin[]
  readonly options?: ProgressLineOptions
}

/** What is written while `train` runs. */
async function shown(train: (trainer: Trainer) => Promise<void>, { isTTY = false, columns = 60, plugins = [], options = {} }: Shown = {}) {
  let text = ''
  const stream = { isTTY, columns, write: (part: string) => (text += part) }
  const trainer = toyTrainer([...plugins, progressLine({ stream, label: 'Triplet', ...options })])
  await train(trainer)
  return text
}

/** What a terminal of that text would show in the end. */
const screen = (text: string) => text.split('\n').map((line) => line.split('\r').at(-1)!.replace('\x1b[K', '').trimEnd())
/** All that its line has said, one after the other. */
const said = (text: string) => text.split(/[\r\n]/).map((line) => line.replace('\x1b[K', '').trimEnd()).filter((line) => line !== '')

const epochs = (count: number) => (trainer: Trainer) => trainer.train({ epochs: count })

const stopAt = (at: number): Plugin =>
  tapping('stopAt', ({ hooks }) => {
    hooks.batchEnd.tap({ name: 'stopAt' }, ({ trainer, step }) => {
      if (step === at) trainer.stop('SIGTERM')
    })
  })

/** Lets the clock go on by seconds: in each step, and in each evaluation. */
const taking = (ofStep: number, ofEvaluation: number): Plugin =>
  tapping('taking', ({ hooks }) => {
    hooks.batchEnd.tap({ name: 'taking', stage: 'measure' }, () => {
      vi.advanceTimersByTime(1000 * ofStep)
    })
    hooks.evaluate.tap({ name: 'taking' }, ({ report }) => {
      for (const done of [4000, 8000, 12_000, 16_000, 20_000, 24_500]) {
        vi.advanceTimersByTime((1000 * ofEvaluation) / 6)
        report({ tester: 'tester', task: 'embedding val', done, total: 24_500 })
      }
      return undefined
    })
  })

describe('progressLine', () => {
  it('adds a line at each quarter of an epoch where there is no terminal, with the loss once it was logged', async () => {
    const lines = (await shown(epochs(2))).trimEnd().split('\n')
    expect(lines).toHaveLength(8)
    expect(lines[0]).toMatch(/^Triplet {2}epoch 1\/2 {2}step 1\/4 {2}[\d.]+ samples\/s( {2}data wait \d+ %)?( {2}\d+ s left)?$/)
    expect(lines[1]).toMatch(/^Triplet {2}epoch 1\/2 {2}step 2\/4 {2}loss \d\.\d{4} {2}[\d.]+ samples\/s( {2}data wait \d+ %)?( {2}\d+ s left)?$/)
    expect(lines[7]).toMatch(/^Triplet {2}epoch 2\/2 {2}step 4\/4 {2}loss \d\.\d{4} /)
  })

  it('shows the mean of the losses that were logged in the epoch', async () => {
    const losses: number[] = []
    const spy = tapping('spy', ({ hooks }) => {
      hooks.log.tap({ name: 'spy' }, (entry) => {
        if (entry.kind === 'scalar' && entry.tag === 'train/loss') losses.push(entry.value)
      })
    })
    const lines = (await shown(epochs(2), { plugins: [spy] })).trimEnd().split('\n')
    expect(lines[3]).toContain(`loss ${((losses[0]! + losses[1]!) / 2).toFixed(4)}`)
    expect(lines[7]).toContain(`loss ${((losses[2]! + losses[3]!) / 2).toFixed(4)}`)
  })

  it('says when steps wait for their data', async () => {
    const late = tapping('late', ({ hooks }) => {
      hooks.batchEnd.tap({ name: 'late', stage: 'measure' }, (context) => {
        Object.assign(context, { dataWait: 1e6 })
      })
    })
    expect(await shown(epochs(1), { plugins: [late] })).toMatch(/ {2}data wait \d+ %( {2}\d+ s left)?\n/)
  })

  it('rewrites one line on a terminal, and leaves one for each epoch, broken where it is too long', async () => {
    const text = await shown(epochs(2), { isTTY: true, columns: 40 })
    const lines = screen(text)
    expect(lines.filter((line) => line.startsWith('Triplet'))).toEqual(['Triplet  epoch 1/2  step 4/4', 'Triplet  epoch 2/2  step 4/4'].map((line) => expect.stringContaining(line)))
    expect(lines.join(' ')).toMatch(/ {3}loss \d\.\d{4} /)
    expect(lines.every((line) => line.length <= 40)).toBe(true)
    expect(lines.at(-1)).toBe('')
    expect(said(text)).toContainEqual(expect.stringContaining('Triplet  epoch 1/2  ░░░░'))
  })

  describe('with a clock', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout', 'clearTimeout'] })
    })
    afterEach(() => {
      vi.useRealTimers()
    })

    /** What stands on the line after the second step of the second epoch of ten. */
    async function atSecondStep(columns: number, options: ProgressLineOptions = {}) {
      let text = ''
      const stream = { isTTY: true, columns, write: (part: string) => (text += part) }
      const line = progressLine({ stream, label: 'Triplet', ...options })
      const trainer = toyTrainer([toyTester('tester'), taking(10, 30), line])
      const steps = trainer.steps({ epochs: 10 })
      for (let step = 0; step < 6; step++) await steps.next()
      vi.advanceTimersByTime(200)
      const last = said(text).at(-1)!
      await steps.return()
      return last
    }

    it.each([
      [40, /^epoch 2\/10 {2}█+░+ {2}10 min 10 s left$/],
      [60, /^epoch 2\/10 {2}loss \d\.\d{4} {2}P@1 \d\.\d{4} {2}10 min 10 s left$/],
      [80, /^epoch 2\/10 {2}█+░+ {2}loss \d\.\d{4} {2}precisionAt1 \d\.\d{4} {2}10 min 10 s left$/],
      [200, /^Triplet {2}epoch 2\/10 {2}█{15}░{15} {2}step 2\/4 {2}loss \d\.\d{4} {2}precisionAt1 \d\.\d{4} {2}0\.2 samples\/s {2}10 min 10 s left$/],
    ])('shows the time that is left at %i columns, and what else there is room for', async (columns, line) => {
      const shownThere = await atSecondStep(columns)
      expect(shownThere).toMatch(line)
      expect(shownThere.length).toBeLessThan(columns)
    })

    it('counts the runs that follow', async () => {
      // And another run: 40 steps of 10 s, 11 evaluations of 30 s.
      expect(await atSecondStep(60, { runsAfter: 1 })).toContain('22 min 20 s left')
    })

    it('shows how far an evaluation is, on a terminal', async () => {
      const text = await shown(epochs(1), { isTTY: true, plugins: [taking(1, 30)] })
      expect(said(text)).toContainEqual(expect.stringMatching(/^Triplet {2}epoch 0\/1 {2}█+░+ {2}embedding val {2}12000\/24500$/))
      expect(said(text)).toContainEqual(expect.stringMatching(/^epoch 1\/1 {2}█+░+ {2}embedding val {2}12000\/24500 {2}15 s left$/))
    })

    it('goes on with the epoch after an evaluation within it, whose time is none of training', async () => {
      const within = tapping('within', ({ hooks }) => {
        hooks.evaluate.tap({ name: 'within', everySteps: 2 }, ({ report, withinEpoch }) => {
          if (!withinEpoch) return undefined
          vi.advanceTimersByTime(100_000)
          report({ tester: 'within', task: 'embedding val', done: 1, total: 2 })
          return { tester: 'within', metrics: { val: { precisionAt1: 0.5 } }, seconds: 100 }
        })
      })
      const text = await shown(epochs(1), { isTTY: true, columns: 100, plugins: [taking(1, 0), within] })
      const speed = (line: string) => /([\d.]+) samples\/s/.exec(line)![1]
      const [first, last] = [said(text).find((line) => line.includes('step 1/4'))!, said(text).find((line) => line.includes('step 4/4'))!]
      expect([speed(first), speed(last)]).toEqual(['2.0', '2.0'])
      expect(said(text).some((line) => line.includes('embedding val'))).toBe(true)
      expect(screen(text).some((line) => line.includes('epoch 1/1  val  precisionAt1 0.5000'))).toBe(true)
    })

    it('shows how far a long evaluation is where there is no terminal', async () => {
      const lines = (await shown(epochs(1), { plugins: [taking(1, 60)] })).split('\n')
      expect(lines.filter((line) => line.includes('embedding'))).toEqual([
        'Triplet  epoch 0/1  embedding val  4000/24500',
        'Triplet  epoch 0/1  embedding val  8000/24500',
        'Triplet  epoch 0/1  embedding val  16000/24500',
        'Triplet  epoch 0/1  embedding val  20000/24500',
        'Triplet  epoch 0/1  embedding val  24500/24500',
        'Triplet  epoch 1/1  embedding val  4000/24500  50 s left',
        'Triplet  epoch 1/1  embedding val  8000/24500  40 s left',
        'Triplet  epoch 1/1  embedding val  16000/24500  20 s left',
        'Triplet  epoch 1/1  embedding val  20000/24500  10 s left',
        'Triplet  epoch 1/1  embedding val  24500/24500',
      ])
      const short = await shown(epochs(1), { plugins: [taking(1, 6)] })
      expect(short).not.toContain('embedding')
    })
  })

  it('shows evaluations while they run, and what they found, with the metrics that are asked for', async () => {
    const plugins = [toyTester('tester')]
    const terminal = await shown(epochs(1), { isTTY: true, plugins })
    expect(said(terminal)).toContain('Triplet  epoch 0/1  evaluating …  0 s')
    expect(screen(terminal).slice(0, 2)).toEqual(['Triplet  epoch 0/1  val  precisionAt1 1.0000  in 1.0 s', '  best so far'])
    const file = await shown(epochs(1), { plugins, options: { metrics: ['none'], label: '' } })
    expect(file.split('\n')[0]).toBe('epoch 0/1  val  precisionAt1 1.0000  in 1.0 s  best so far')
    expect(file).not.toContain('evaluating')
  })

  it('shows no metric that has no result, and each warning of a tester once', async () => {
    const tester = tapping('tester', ({ hooks }) => {
      hooks.evaluate.tap({ name: 'tester' }, () => ({
        tester: 'tester',
        metrics: { one: { precisionAt1: NaN, AMI: null }, two: { precisionAt1: 0.5, meanAveragePrecisionAtR: NaN } },
        splits: [],
        isBest: false,
        warnings: ['one: All references match.'],
        seconds: 1,
      }))
    })
    const lines = said(await shown(epochs(1), { plugins: [tester] }))
    expect(lines.filter((line) => !line.includes('step'))).toEqual([
      'Triplet  epoch 0/1  one  no result  in 1.0 s',
      'Triplet  epoch 0/1  two  precisionAt1 0.5000  in 1.0 s',
      'Triplet  one: All references match.',
      'Triplet  epoch 1/1  one  no result  in 1.0 s',
      'Triplet  epoch 1/1  two  precisionAt1 0.5000  in 1.0 s',
    ])
  })

  it('shows the metrics of the last evaluation while the next epoch is trained', async () => {
    const lines = said(await shown(epochs(1), { isTTY: true, columns: 120, plugins: [toyTester('tester')] }))
    expect(lines).toContainEqual(expect.stringMatching(/epoch 1\/1 {2}░+ {2}step 0\/4 {2}precisionAt1 1\.0000/))
  })

  it.each([
    ['NO_COLOR', '1', true],
    ['TERM', 'dumb', false],
    ['CI', '1', false],
  ])('writes no escape sequence with %s=%s', async (name, value, rewrites) => {
    vi.stubEnv(name, value)
    const text = await shown(epochs(2), { isTTY: true, plugins: [toyTester('tester')] })
    expect(text).not.toContain('\x1b')
    expect(text.includes('\r')).toBe(rewrites)
    expect(text).toContain('Triplet  epoch 2/2  step 4/4')
  })

  it('goes on in the middle of an epoch, and says why it stopped', async () => {
    const twice = async (trainer: Trainer) => {
      await trainer.train({ epochs: 1 })
      await trainer.train({ epochs: 1 })
    }
    const text = await shown(twice, { plugins: [stopAt(3)] })
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
    const text = await shown((trainer) => expect(trainer.train({ epochs: 1 })).rejects.toThrow('out of paper'), { isTTY: true, plugins: [failing] })
    expect(screen(text)).toEqual([expect.stringMatching(/^Triplet {2}epoch 1\/1 {2}█+░+ /), ''])
  })

  it('refuses options that there are not', () => {
    expect(() => progressLine({ everySteps: 5 } as never)).toThrow('got `everySteps`')
    expect(() => progressLine({ runsAfter: -1 })).toThrow('`runsAfter` to be an integer of at least 0, got -1')
  })
})
