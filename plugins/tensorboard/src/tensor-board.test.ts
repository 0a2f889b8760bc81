import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { Dataset } from '@metric-learning/contracts'
import { Trainer, type BatchEndContext, type Evaluation, type Plugin, type RunState } from '@metric-learning/core'
import { decodeRecords, readEventFile, type LoggedEntry } from 'tensorboard-logger-ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { scalingModule } from '../../../tools/test-support/scaling-module.js'
import type { TensorBoardOptions } from './tensor-board-options.js'
import { tensorBoard } from './tensor-board.js'

/** 4 x 2 pixels. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAGUlEQVR4nGP4z8DA8J+BgeH/////mRiQAABryAX9SqklXwAAAABJRU5ErkJggg==',
  'base64',
)

const dataset: Dataset = {
  name: 'points',
  labels: Int32Array.of(0, 0, 1, 1),
  classNames: ['left', 'right'],
  sampleShape: [2],
  load: async (rows) => ({ values: new Float32Array(rows.length * 2).fill(1), shape: [rows.length, 2] }),
}

const opened: { dispose(): void }[] = []
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tensorboard-'))
})
afterEach(async () => {
  opened.splice(0).forEach((owner) => {
    owner.dispose()
  })
  await rm(folder, { recursive: true })
})

/** A trainer of 3 steps an epoch, 2 samples a step, with two loss terms. */
function trainerWith(...plugins: Plugin[]): Trainer {
  const [trunk, embedder] = [scalingModule('trunk'), scalingModule('embedder')]
  const loss = (name: string) => ({
    name,
    parameters: new Map(),
    compute: (embeddings: tf.Tensor2D) => tf.sum<tf.Scalar>(embeddings),
  })
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset,
    sampler: {
      name: 'pairs',
      batchSize: 2,
      batchesPerEpoch: 3,
      batch: () => Int32Array.of(0, 2),
    },
    objectives: [{ loss: loss('one') }, { loss: loss('two'), weight: 0.5 }],
    logEverySteps: 2,
    plugins,
  })
  opened.push(trainer, trunk, embedder)
  return trainer
}

const board = (options: Partial<TensorBoardOptions> = {}) => tensorBoard({ folder, ...options })

/** A plugin of one tap. */
const onBatch = (work: (context: BatchEndContext) => void): Plugin => ({
  name: 'onBatch',
  apply({ hooks }) {
    hooks.batchEnd.tap({ name: 'onBatch' }, (context) => {
      work(context)
      return undefined
    })
  },
})

/** A tester that finds the same at each evaluation. */
const tester = (name: string, precisionAt1: number, more: Partial<Evaluation> = {}): Plugin => ({
  name,
  apply({ hooks }) {
    hooks.evaluate.tap({ name }, () => {
      const embeddings = Float32Array.from({ length: 8 }, (_, i) => -1.1 * i - precisionAt1)
      const split = { name: 'val', dataset, embeddings, labels: dataset.labels, dim: 2 }
      return { tester: name, metrics: { val: { precisionAt1 } }, splits: [split], seconds: 1, ...more }
    })
    // What is logged is valid until `log` returns.
    hooks.evalEnd.tap({ name, stage: 'measure' }, ({ splits }) => {
      splits[0]!.embeddings.fill(NaN)
    })
  },
})

async function eventFiles(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('events.out.tfevents.')).sort()
}

async function entries(): Promise<LoggedEntry[]> {
  const files = await eventFiles()
  return (await Promise.all(files.map((file) => readEventFile(join(folder, file))))).flat()
}

const scalars = async () =>
  (await entries()).flatMap((entry) => (entry.kind === 'scalar' ? [[entry.tag, entry.step, entry.value] as const] : []))
const stepsOf = async (tag: string) => (await scalars()).flatMap(([name, step]) => (name === tag ? [step] : []))
/** The step from which on a file hides what the others have: event { wall_time = 1; step = 2; session_log = 7 { status = 1: START } }. */
async function purgeStepOf(file: string): Promise<number> {
  const [, event] = [...decodeRecords(await readFile(join(folder, file)))].map((record) => Buffer.from(record))
  const hasStep = event![9] === 0x10
  expect(event!.subarray(hasStep ? 11 : 9).toString('hex')).toBe('3a020801')
  return hasStep ? event![10]! : 0
}
const tensors = async (table: string) => {
  const bytes = await readFile(join(folder, 'projector', table, 'tensors.bytes'))
  return new Float32Array(new Uint8Array(bytes).buffer)
}

/** What stays as it is when the run goes on. */
const copyOf = (state: RunState): RunState =>
  Object.fromEntries(Object.entries(state).map(([name, { tensors = new Map<string, tf.Tensor>(), ...rest }]) => [name, { ...rest, tensors: new Map([...tensors].map(([key, tensor]) => [key, tf.clone(tensor)])) }]))

describe('tensorBoard', () => {
  it('writes what the trainer logs', async () => {
    await trainerWith(board()).train({ epochs: 2 })
    const tags = ['train/loss', 'train/loss/one', 'train/loss/two', 'train/samplesPerSecond', 'train/dataWait', 'rate/trunk', 'memory/tensors']
    for (const tag of tags) expect(await stepsOf(tag)).toEqual([2, 3, 4, 6])
    expect(await stepsOf('epoch/seconds')).toEqual([3, 6])
    const [one, two] = ['one', 'two'].map(async (name) => (await scalars()).find(([tag]) => tag === `train/loss/${name}`)![2])
    expect(await two).toBeCloseTo((await one!) / 2, 5)
  })

  it('writes every metric of a split, under the name of the tester where two have one split', async () => {
    await trainerWith(tester('first', 0.25), tester('second', 0.75), board()).train({ epochs: 1 })
    expect((await scalars()).filter(([tag]) => tag.endsWith('precisionAt1'))).toEqual([
      ['val/precisionAt1', 0, 0.25],
      ['second/val/precisionAt1', 0, 0.75],
      ['val/precisionAt1', 3, 0.25],
      ['second/val/precisionAt1', 3, 0.75],
    ])
  })

  it('writes the warnings of an evaluation as text', async () => {
    await trainerWith(tester('first', 0, { warnings: ['val: 1 query has no match'] }), board()).train({ epochs: 0 })
    expect(await entries()).toContainEqual(
      expect.objectContaining({ kind: 'text', tag: 'first/warnings', text: '- val: 1 query has no match\n' }),
    )
  })

  it('writes the splits of the last evaluation for the projector', async () => {
    await trainerWith(tester('first', 0.25), board()).train({ epochs: 1 })
    expect(await tensors('val')).toEqual(Float32Array.from({ length: 8 }, (_, i) => -1.1 * i - 0.25))
    const metadata = await readFile(join(folder, 'projector/val/metadata.tsv'), 'utf8')
    expect(metadata).toBe('class\trow\nleft\t0\nleft\t1\nright\t2\nright\t3\n')
  })

  it('draws the samples of a split, once', async () => {
    const drawn: [Dataset, number[], number][] = []
    const draw = async (of: Dataset, rows: Int32Array, tile: number) => {
      drawn.push([of, [...rows], tile])
      return PNG
    }
    await trainerWith(tester('first', 0.5), board({ sprites: { draw, tile: 2 }, maxPoints: 2 })).train({ epochs: 2 })
    expect(drawn).toEqual([[dataset, [0, 2], 2]])
    const config = await readFile(join(folder, 'projector_config.pbtxt'), 'utf8')
    expect(config).toContain('tensor_name: "val (2 of 4)"')
    expect(config).toContain('single_image_dim: 2')
  })

  it('writes what others log, at the moment it was logged', async () => {
    const before = Date.now() / 1000
    const embeddings = Float32Array.of(-1.1, -2.2)
    const values = [1, 2]
    const trainer = trainerWith(
      onBatch(({ trainer, step }) => {
        if (step !== 1) return
        trainer.log({ kind: 'scalar', tag: 'lr', step, value: 0.5 })
        trainer.log({ kind: 'missing', tag: 'val/AMI', step, reason: 'One class.' })
        trainer.log({ kind: 'image', tag: 'sample', step, image: { png: PNG, width: 4, height: 2 } })
        trainer.log({ kind: 'histogram', tag: 'norms', step, values })
        trainer.log({ kind: 'embedding', tag: 'proxies', step, table: { embeddings, dim: 1, labels: ['a', 'b'] } })
        embeddings.fill(NaN)
        values.fill(NaN)
      }),
      board(),
    )
    trainer.log({ kind: 'scalar', tag: 'early', step: 0, value: 1 })
    await trainer.train({ epochs: 1 })
    const written = (await entries()).filter(({ tag }) => tag !== 'configuration')
    expect(written.map(({ kind, tag }) => [kind, tag]).slice(0, 4)).toEqual([
      ['scalar', 'early'],
      ['scalar', 'lr'],
      ['image', 'sample'],
      ['histogram', 'norms'],
    ])
    expect(written[2]).toMatchObject({ png: PNG, width: 4, height: 2, step: 1 })
    expect(written[3]).toMatchObject({ histogram: { min: 1, max: 2, num: 2 } })
    written.forEach(({ wallTime }) => {
      expect(wallTime).toBeGreaterThanOrEqual(before)
      expect(wallTime).toBeLessThanOrEqual(Date.now() / 1000)
    })
    expect(await tensors('proxies')).toEqual(Float32Array.of(-1.1, -2.2))
    expect(await readFile(join(folder, 'projector/proxies/metadata.tsv'), 'utf8')).toBe('a\nb\n')
  })

  it('refuses another kind of entry under a tag where it is logged', async () => {
    const log = onBatch(({ trainer, step }) => {
      if (step === 1) trainer.log({ kind: 'scalar', tag: 'norms', step, value: 1 })
      if (step === 2) trainer.log({ kind: 'histogram', tag: 'norms', step, values: [1] })
    })
    await expect(trainerWith(log, board()).train({ epochs: 1 })).rejects.toThrow(
      'tensorBoard: wanted entries of one kind under a tag, got a histogram under "norms", which is a scalar elsewhere. Log it under another tag, such as "norms/histogram". (in hooks.log of plugin "tensorBoard")',
    )
    expect((await entries()).filter(({ tag }) => tag === 'norms').map(({ kind }) => kind)).toEqual(['scalar'])
  })

  it('shows what is finite of histograms, leaves out those of nothing, and says so once', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const log = onBatch(({ trainer, step }) => {
      trainer.log({ kind: 'histogram', tag: 'some', step, values: Float32Array.of(1, NaN, 2, -Infinity) })
      trainer.log({ kind: 'histogram', tag: 'none', step, values: [NaN] })
      trainer.log({ kind: 'histogram', tag: 'empty', step, values: [] })
    })
    await trainerWith(log, board()).train({ epochs: 1 })
    const messages = warn.mock.calls.map(([message]) => message)
    warn.mockRestore()
    const histograms = (await entries()).flatMap((entry) => (entry.kind === 'histogram' && entry.tag === 'some' ? [entry] : []))
    expect(histograms.map(({ tag, step, histogram }) => [tag, step, histogram.num, histogram.min, histogram.max])).toEqual([1, 2, 3].map((step) => ['some', step, 2, 1, 2]))
    expect(messages).toEqual([
      'tensorBoard: the histogram "some" of step 1 is without 2 of 4 values, which are not finite. (Said once for this tag.)',
      'tensorBoard: no histogram "none" at step 1: none of its 1 values is finite. (Said once for this tag.)',
      'tensorBoard: no histogram "empty" at step 1: it is of no values. (Said once for this tag.)',
    ])
  })

  it('shows the finite rows of a table, and draws others when they change', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const drawn: number[][] = []
    const draw = (_: Dataset, rows: Int32Array) => {
      drawn.push([...rows])
      return Promise.resolve(PNG)
    }
    const log = onBatch(({ trainer, step }) => {
      const embeddings = Float32Array.of(step === 1 ? 0.5 : NaN, -1.1, -2.2)
      trainer.log({ kind: 'embedding', tag: 'val', step, table: { embeddings, dim: 1, labels: ['a', 'b', 'c'], dataset } })
      trainer.log({ kind: 'embedding', tag: 'lost', step, table: { embeddings: Float32Array.of(NaN), dim: 1, labels: ['a'] } })
    })
    await trainerWith(log, board({ sprites: { draw, tile: 1 } })).train({ epochs: 1 })
    const messages = warn.mock.calls.map(([message]) => message)
    warn.mockRestore()
    expect(await tensors('val')).toEqual(Float32Array.of(-1.1, -2.2))
    expect(await readFile(join(folder, 'projector/val/metadata.tsv'), 'utf8')).toBe('class\trow\nb\t1\nc\t2\n')
    expect(drawn).toEqual([[0, 1, 2], [1, 2]])
    expect(messages).toEqual([
      'tensorBoard: the table "lost" of step 1 is without 1 of 1 rows, which are not finite. (Said once for this tag.)',
      'tensorBoard: the table "val" of step 2 is without 1 of 3 rows, which are not finite. (Said once for this tag.)',
    ])
    expect(await readdir(join(folder, 'projector'))).toEqual(['val'])
  })

  it('does not write what is no number', async () => {
    const log = onBatch(({ trainer, step }) => {
      trainer.log({ kind: 'scalar', tag: 'lr', step, value: undefined as never })
    })
    await expect(trainerWith(log, board()).train({ epochs: 1 })).rejects.toThrow('Trainer.log: wanted `value` of "lr" to be a number, got undefined')
  })

  it('writes tags and texts that were cut within a character', async () => {
    const log = onBatch(({ trainer, step }) => {
      trainer.log({ kind: 'scalar', tag: 'val 😀'.slice(0, -1), step, value: 1 })
      trainer.log({ kind: 'text', tag: 'notes', step, text: '😀'.slice(1) })
    })
    await trainerWith(log, board()).train({ epochs: 1 })
    expect(await entries()).toContainEqual(expect.objectContaining({ kind: 'scalar', tag: 'val \ufffd', value: 1 }))
    expect(await entries()).toContainEqual(expect.objectContaining({ kind: 'text', tag: 'notes', text: '\ufffd' }))
  })

  it('writes what the run is made of as a text and as hyperparameters, once, and how it ended', async () => {
    await trainerWith(board()).train({ epochs: 1 })
    const texts = (await entries()).flatMap((entry) => (entry.kind === 'text' ? [entry] : []))
    expect(texts).toMatchObject([{ tag: 'configuration', step: 0 }])
    expect(texts[0]!.text).toContain('| objectives.two.weight | 0.5 |')
    expect(texts[0]!.text).toContain('| sampler.batchSize | 2 |')
    const bytes = await readFile(join(folder, (await eventFiles())[0]!), 'latin1')
    const count = (part: string) => bytes.split(part).length - 1
    expect([count('_hparams_/session_start_info'), count('_hparams_/session_end_info'), count('objectives.two.weight')]).toEqual([1, 1, 2])
  })

  it('leaves out images and embeddings when told to', async () => {
    const log = onBatch(({ trainer, step }) => {
      trainer.log({ kind: 'image', tag: 'sample', step, image: { png: PNG, width: 4, height: 2 } })
      const table = { embeddings: new Float32Array(1), dim: 1, labels: ['a'] }
      trainer.log({ kind: 'embedding', tag: 'proxies', step, table })
    })
    await trainerWith(tester('first', 0), log, board({ images: false, embeddings: false })).train({ epochs: 1 })
    expect((await entries()).filter(({ kind }) => kind === 'image')).toEqual([])
    expect(await readdir(folder)).toEqual(await eventFiles())
  })

  it('may be there twice, by names', async () => {
    await trainerWith(board({ images: false }), board({ folder: join(folder, 'other'), name: 'other' })).train({ epochs: 1 })
    expect([await eventFiles(), await readdir(join(folder, 'other'))]).toEqual([[expect.anything()], [expect.stringContaining('events')]])
  })

  it('goes on in another file when training goes on', async () => {
    const trainer = trainerWith(board())
    await trainer.train({ epochs: 1 })
    expect(() => {
      trainer.log({ kind: 'scalar', tag: 'late', step: 3, value: 1 })
    }).toThrow('wanted entries while the run goes on, got "late" after its end')
    await trainer.train({ epochs: 2 })
    expect(await eventFiles()).toHaveLength(2)
    expect(await stepsOf('train/loss')).toEqual([2, 3, 4, 6])
  })

  it('hides what a run that was killed wrote after the step that is resumed', async () => {
    let state: RunState | undefined
    const saving: Plugin = {
      name: 'saving',
      apply({ hooks }) {
        hooks.batchEnd.tapPromise({ name: 'saving', stage: 'save' }, async ({ trainer, step }) => {
          if (step === 2) state = copyOf(await trainer.state())
        })
      },
    }
    const killed = trainerWith(board(), saving).steps({ epochs: 2 })
    for (let step = 0; step < 5; step++) await killed.next()
    const resumed = trainerWith(board())
    await resumed.restore(state!)
    await resumed.train({ epochs: 2 })
    const [first, second] = await eventFiles()
    expect(await purgeStepOf(first!)).toBe(0)
    expect(await purgeStepOf(second!)).toBe(3)
    const inFile = async (file: string) => (await readEventFile(join(folder, file))).flatMap(({ tag, step }) => (tag === 'train/loss' ? [step] : []))
    expect(await inFile(first!)).toEqual([2, 3, 4])
    expect(await inFile(second!)).toEqual([3, 4, 6])
    await killed.return()
  })

  it('keeps what was written when the run fails, and the error of the run', async () => {
    const fail = onBatch(({ step }) => {
      if (step === 3) throw new Error('out of paper')
    })
    await expect(trainerWith(board(), fail).train({ epochs: 1 })).rejects.toThrow('out of paper')
    expect(await stepsOf('train/loss')).toEqual([2, 3])
  })

  it('says when the folder cannot be written, before the first step', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const trainer = trainerWith(board({ folder: file }))
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow(
      `Plugin "tensorBoard" in hooks.setup: wanted to finish, got EventFileWriter.open: wanted to create an event file in ${file}`,
    )
    expect(trainer.step).toBe(0)
  })

  it.each([
    [{ folder: '' }, '`folder` to be the path of a folder, got ""'],
    [{ folder: 'x', name: '' }, '`name` to be a name, got ""'],
    [{ folder: 'x', everyStep: 1 }, 'got `everyStep`'],
    [{ folder: 'x', maxPoints: 100_001 }, '`maxPoints` to be an integer of at least 1 and at most 100000, got 100001'],
  ])('refuses %o', (options, message) => {
    expect(() => tensorBoard(options)).toThrow(message)
  })
})
