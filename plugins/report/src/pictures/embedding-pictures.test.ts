import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset, type Loss, type Module } from '@metric-learning/contracts'
import { Trainer, type Evaluation, type LogEntry, type Plugin } from '@metric-learning/core'
import sharp from 'sharp'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { embeddingPictures, type EmbeddingPicturesOptions } from './embedding-pictures.js'
import * as projection from '../projection/project-embeddings.js'

vi.mock('../projection/project-embeddings.js', { spy: true })
afterEach(() => {
  vi.mocked(projection.projectEmbeddings).mockReset()
  vi.restoreAllMocks()
})

const COUNT = 40
const labels = Int32Array.from({ length: COUNT }, (_, row) => row % 4)
const dataset: Dataset = {
  name: 'points',
  labels,
  classNames: ['a', 'b', 'c', 'd'],
  sampleShape: [2],
  load: (rows) => Promise.resolve({ values: new Float32Array(rows.length * 2).fill(1), shape: [rows.length, 2] }),
}

/** Finds embeddings around a centre a class. */
const tester = (name: string): Plugin => ({
  name,
  apply({ hooks }) {
    hooks.evaluate.tap({ name }, (): Evaluation => {
      const random = new Random(1)
      const embeddings = Float32Array.from({ length: COUNT * 2 }, (_, i) => 3 * Math.sin(labels[Math.floor(i / 2)]! + (i % 2)) + random.normal())
      return { tester: name, metrics: { val: { precisionAt1: 0.5 } }, splits: [{ name: 'val', dataset, embeddings, labels, dim: 2 }], seconds: 0 }
    })
    // What an evaluation shows is valid until the hook returns.
    hooks.evalEnd.tap({ name, stage: 'report' }, ({ splits }) => void splits[0]!.embeddings.fill(NaN) as undefined)
  },
})

function run(options: EmbeddingPicturesOptions = {}, { testers = ['first'], others = [] as Plugin[] } = {}) {
  const entries: LogEntry[] = []
  const logger: Plugin = {
    name: 'logger',
    apply: ({ hooks }) => {
      hooks.log.tap({ name: 'logger' }, (entry) => (/distances|retrieval|projection/.test(entry.tag) ? void entries.push(entry) as undefined : undefined))
      hooks.done.tap({ name: 'logger' }, () => void entries.push({ kind: 'text', tag: 'done', step: 0, text: '' }) as undefined)
    },
  }
  const weight = tf.variable(tf.scalar(1))
  const trunk: Module = { name: 'trunk', parameters: new Map([['weight', weight]]), buffers: new Map(), outputSize: 2, call: (x) => tf.mul(x, weight), dispose: () => undefined }
  const loss: Loss = { name: 'none', parameters: new Map(), compute: (x) => tf.mul(tf.sum(x), 0) as tf.Scalar }
  const sampler = { name: 'pair', batchSize: 2, batchesPerEpoch: 3, batch: () => Int32Array.of(0, 1) }
  const said: string[] = []
  const pictures = embeddingPictures({ say: (line) => said.push(line), ...options })
  const trainer = new Trainer({ trunk, dataset, sampler, objectives: [{ loss }], compile: false, plugins: [...testers.map(tester), pictures, logger, ...others] })
  return { trainer, entries, said, tags: () => entries.map(({ kind, tag, step }) => `${kind} ${tag} ${step}`) }
}

const images = (row: number) => sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 60 * (row % 4), g: 90, b: 120 } } }).png().toBuffer()

describe('embeddingPictures', () => {
  it('logs distances and a gallery with each evaluation, and its projection by the end of the run at the latest', async () => {
    const { trainer, tags, entries } = run({ images, queries: 3, neighbours: 4, pairs: 500 })
    await trainer.train({ epochs: 1 })
    const of = (step: number) => ['histogram val/distances/positive', 'histogram val/distances/negative', 'scalar val/distances/overlap', 'image val/retrieval'].map((what) => `${what} ${step}`)
    expect(tags().filter((tag) => !tag.includes('projection'))).toEqual([...of(0), ...of(3), 'text done 0'])
    expect(tags().filter((tag) => tag.includes('projection'))).toEqual(['image val/projection 0', 'image val/projection 3'])
    expect(tags().at(-2)).toBe('image val/projection 3')
    for (const entry of entries) {
      if (entry.kind === 'image') expect(await sharp(entry.image.png).metadata()).toMatchObject({ format: 'png', width: entry.image.width, height: entry.image.height })
      if (entry.kind === 'histogram') expect([entry.values.length, Array.from(entry.values).every(Number.isFinite)]).toEqual([500, true])
    }
    const pictures = entries.flatMap((entry) => (entry.kind === 'image' ? [Buffer.from(entry.image.png).toString('base64')] : []))
    // The same embeddings: the same pairs, queries and classes.
    expect(new Set(pictures).size).toBe(2)
  })

  it('trains on while a projection is worked out, and waits for it in the end, with a line', async () => {
    let finish!: () => void
    vi.mocked(projection.projectEmbeddings).mockImplementation(
      (values, dim) =>
        new Promise((resolve) => {
          finish = () => {
            resolve(Array.from({ length: values.length / dim }, (_, i) => [i, i]))
          }
        }),
    )
    const steps: number[] = []
    const watch: Plugin = {
      name: 'watch',
      apply: ({ hooks }) => {
        hooks.batchEnd.tap({ name: 'watch' }, ({ step }) => void steps.push(step) as undefined)
        hooks.epochStart.tap({ name: 'watch' }, ({ trainer }) => (trainer.stop('enough'), undefined))
        hooks.done.tap({ name: 'watch', stage: 'measure' }, () => undefined)
      },
    }
    const { trainer, tags, said } = run({}, { others: [watch] })
    const ended = trainer.train({ epochs: 1 })
    await vi.waitFor(() => expect(said).toHaveLength(1), { timeout: 30_000 })
    expect(steps).toEqual([1])
    expect(said).toEqual(['embeddingPictures: waiting for the projection of "val" at step 0, 0 % done'])
    expect(tags().some((tag) => tag.includes('projection') || tag.includes('done'))).toBe(false)
    finish()
    await ended
    expect(tags().slice(-2)).toEqual(['image val/projection 0', 'text done 0'])
  })

  it('warns of a projection that failed, by name, and trains on', async () => {
    vi.mocked(projection.projectEmbeddings).mockRejectedValue(new Error('no memory'))
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { trainer, tags } = run()
    await trainer.train({ epochs: 1 })
    expect(trainer.step).toBe(3)
    expect(warned.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('projection'))).toEqual([
      'embeddingPictures: no projection of "val" at step 0. no memory',
      'embeddingPictures: no projection of "val" at step 3. no memory',
    ])
    expect(tags().some((tag) => tag.includes('projection'))).toBe(false)
  })

  it('ends the projection of a run that fails, without a word', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const failing: Plugin = { name: 'failing', apply: ({ hooks }) => hooks.batchStart.tap({ name: 'failing' }, () => { throw new Error('no disk') }) }
    const { trainer, tags } = run({}, { others: [failing] })
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('no disk')
    expect(tags().some((tag) => tag.includes('projection'))).toBe(false)
    expect(warned.mock.calls.filter(([text]) => String(text).includes('projection'))).toEqual([])
  })

  it('has its own tags for each tester, and shows every so many evaluations, in a resumed run as well', async () => {
    const options = { projection: false, everyEvaluations: 2, pairs: 10 }
    const first = run(options, { testers: ['first', 'second'] })
    await first.trainer.train({ epochs: 2 })
    const overlaps = (tags: string[]) => tags.filter((tag) => tag.includes('overlap'))
    expect(overlaps(first.tags())).toEqual(['scalar val/distances/overlap 0', 'scalar second/val/distances/overlap 0', 'scalar val/distances/overlap 6', 'scalar second/val/distances/overlap 6'])
    const resumed = run(options, { testers: ['first', 'second'] })
    await resumed.trainer.restore(await first.trainer.state())
    await resumed.trainer.train({ epochs: 4 })
    expect(overlaps(resumed.tags())).toEqual(['scalar val/distances/overlap 12', 'scalar second/val/distances/overlap 12'])
  })

  it.each([{ split: '' }, { pairs: 0 }, { classes: 13 }, { everyEvaluations: 0 }, { image: images }, { seed: 0.5 }])('refuses %j', (options) => {
    expect(() => embeddingPictures(options as EmbeddingPicturesOptions)).toThrow('embeddingPictures: wanted')
  })
})
