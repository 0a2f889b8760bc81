import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, MetricLearningError } from '@metric-learning/contracts'
import { Trainer } from '@metric-learning/core'
import { decodeSafetensors } from '@metric-learning/models'
import { FusedKernel, hasFusedKernel, withoutGradient } from '@metric-learning/ops'
import { afterAll, describe, expect, it } from 'vitest'
import { inOrder, layer, lossOf, smallTrainer, stripes, unitLoss, type BrokenRun } from './broken-run.fixture.js'
import type { Diagnosis } from './diagnosis.js'
import { health, type HealthPlugin } from './health.js'

const base = mkdtempSync(join(tmpdir(), 'health-'))
afterAll(() => {
  rmSync(base, { recursive: true })
})

/** A data set of which a row holds NaN. */
function spoilt(row: number): Dataset {
  const dataset = stripes()
  return {
    ...dataset,
    load: async (rows, at) => {
      const samples = await dataset.load(rows, at)
      const values = Float32Array.from(samples.values)
      const width = values.length / rows.length
      rows.forEach((loaded, i) => { if (loaded === row) values[i * width + 3] = NaN })
      return { ...samples, values }
    },
  }
}

/** Trains until it breaks. */
async function broken(options: BrokenRun): Promise<{ error: MetricLearningError; plugin: HealthPlugin; diagnosis: Diagnosis; page: string; values: unknown }> {
  const plugin = health({ folder: mkdtempSync(join(base, 'run-')) })
  const trainer = smallTrainer({ ...options, plugins: [...(options.plugins ?? []), plugin] })
  const error = await trainer.train({ epochs: 20 }).then(() => { throw new Error('It did not break.') }, (thrown: unknown) => thrown as MetricLearningError)
  const { diagnosis, page } = plugin.failure ?? (() => { throw error })()
  const values = [...trainer.parameters.values()].map((variable) => [...variable.dataSync()])
  trainer.dispose()
  return { error, plugin, diagnosis, page: page!, values }
}

describe.runIf(hasFusedKernel(FusedKernel.expectFinite))('A run whose numbers break', () => {
  const ways: Readonly<Record<string, { readonly run: () => BrokenRun; readonly says: object; readonly text: string }>> = {
    'a sample with NaN': {
      run: () => ({ dataset: spoilt(10) }),
      says: { kind: 'input', terms: ['unit'], samples: [2] },
      text: 'loss term "unit"; row 10 (lower); cause: input; shown in',
    },
    'an update that overflows': {
      run: () => ({ learningRate: 1e38 }),
      says: { kind: 'parameter', terms: ['unit'], layer: 'trunk.weight' },
      text: 'loss term "unit"; layer trunk.weight; all 8 samples',
    },
    'a layer that overflows': {
      run: () => ({ embedder: layer('embedder', 5, 3, (x) => tf.exp(tf.mul(x, 1e4))) }),
      says: { kind: 'forward', terms: ['unit'], layer: 'embedder.weight', operation: 'Exp' },
      text: 'loss term "unit"; layer embedder.weight; ',
    },
    'a loss that divides by 0': {
      run: () => ({ objectives: [{ loss: unitLoss() }, { name: 'inverse', loss: lossOf('inverse', (embeddings) => tf.mean(tf.log(tf.mul(tf.sum(tf.square(embeddings), 1), firstIsZero(embeddings))))), weight: 0.5 }] }),
      says: { kind: 'term', terms: ['inverse'], operation: 'Log', samples: [0] },
      text: 'loss term "inverse"; row 0 (top); cause: term; shown in',
    },
    'a loss whose slope is infinite': {
      run: () => ({ objectives: [{ loss: lossOf('root', (embeddings) => tf.mean(tf.sqrt(tf.mul(tf.sum(tf.square(embeddings), 1), firstIsZero(embeddings))))) }] }),
      says: { kind: 'gradient', terms: ['root'], layer: 'embedder.weight', samples: [0] },
      text: 'loss term "root"; layer embedder.weight; row 0 (top); cause: gradient; shown in',
    },
    'a layer whose slope is infinite': {
      run: () => ({ embedder: layer('embedder', 5, 3, (x) => tf.sqrt(tf.relu(x))) }),
      says: { kind: 'gradient', terms: ['unit'], layer: 'embedder.weight' },
      text: 'loss term "unit"; layer embedder.weight; all 8 samples; cause: gradient; shown in',
    },
  }

  it.each(Object.keys(ways).flatMap((name) => [true, false].map((compile) => ({ name, compile }))))('is told by $name, compile: $compile', async ({ name, compile }) => {
    const { run, says, text } = ways[name]!
    const { error, diagnosis, page, values } = await broken({ ...run(), compile })
    expect(error.code).toBe('ML_NOT_FINITE')
    expect(error.message).toContain(text)
    expect(error.message).toContain(page)
    expect(diagnosis.cause).toMatchObject(says)
    expect(diagnosis.obstacle).toBeUndefined()
    // The update was withheld.
    if (diagnosis.cause.kind !== 'parameter') expect((values as number[][]).flat().every(Number.isFinite)).toBe(true)
    expect(readFileSync(page, 'utf8')).toContain('What to do')
  })

  it('leaves its batch, its facts and a page with pictures', async () => {
    const { page, diagnosis, error } = await broken({ dataset: spoilt(10) })
    expect(page).toMatch(/step-2\/index\.html$/)
    const folder = page.slice(0, -'index.html'.length)
    const { tensors, metadata } = decodeSafetensors('batch', readFileSync(`${folder}batch.safetensors`))
    expect(metadata).toEqual({ dataset: 'stripes', epoch: '1', step: '2' })
    expect([...tensors.get('rows')!.values]).toEqual([8, 9, 10, 11, 12, 13, 14, 15])
    expect([...tensors.get('labels')!.values]).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
    expect(tensors.get('views.0')!.shape).toEqual([8, 4, 4, 1])
    expect(tensors.get('views.0')!.values[2 * 16 + 3]).toBeNaN()
    expect(tensors.get('embeddings')!.shape).toEqual([8, 3])
    const facts = JSON.parse(readFileSync(`${folder}failure.json`, 'utf8')) as Record<string, never>
    expect(facts).toMatchObject({ epoch: 1, step: 2, terms: { unit: 'NaN' }, cause: { kind: 'input', samples: [2] }, hasChanged: false })
    expect(facts['samples']).toHaveLength(8)
    expect(facts['message']).toBe(error.message.replace(/ \(in .*\)$/, ''))
    expect(diagnosis.samples.filter(({ isNamed }) => isNamed)).toMatchObject([{ index: 2, row: 10, label: 2, className: 'lower' }])
    const text = readFileSync(page, 'utf8')
    expect(text.match(/<img src="data:image\/png/g)).toHaveLength(8)
    expect(text).toContain('<b>✗ lower</b><span>row 10, position 2</span>')
    expect(text).not.toMatch(/<script|https?:\/\//)
  })

  it('takes a batch again that came in chunks', async () => {
    const { diagnosis } = await broken({ dataset: spoilt(10), chunkSize: 3 })
    expect(diagnosis.cause).toMatchObject({ kind: 'input', samples: [2] })
    expect(diagnosis.obstacle).toBeUndefined()
  })

  it('finds what breaks in a term that a plugin adds', async () => {
    const adding = {
      name: 'adding',
      apply: ({ hooks }: Parameters<HealthPlugin['apply']>[0]) => {
        hooks.loss.tap({ name: 'adding' }, ({ embeddings, add }) => {
          add('added', tf.sum(tf.div(0, withoutGradient(() => tf.mul(embeddings, 0)))))
          return undefined
        })
      },
    }
    const { error, diagnosis } = await broken({ plugins: [adding] })
    expect(diagnosis.cause).toMatchObject({ kind: 'term', terms: ['added'] })
    expect(error.message).toContain('loss term "added"')
  })

  it('says in which update it was', async () => {
    const dataset = stripes()
    const [trunk, embedder] = [layer('trunk', 16, 5), layer('embedder', 5, 3)]
    const plugin = health({ folder: mkdtempSync(join(base, 'run-')) })
    const trainer = new Trainer({
      dataset,
      sampler: inOrder(),
      scheme: {
        name: 'two',
        modules: { trunk, embedder },
        forward: ({ samples }, mode) => ({ embeddings: embedder.call(trunk.call(samples, mode), mode) }),
        updates: [
          { name: 'first', modules: ['trunk'], objectives: [{ loss: unitLoss() }] },
          { name: 'second', modules: ['embedder'], objectives: [{ loss: lossOf('log', (embeddings) => tf.log<tf.Scalar>(tf.mul(0, tf.sum(embeddings)))) }] },
        ],
      },
      plugins: [plugin],
    })
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('loss term "log"')
    expect(plugin.failure!.diagnosis).toMatchObject({ update: 'second', terms: { log: -Infinity }, cause: { kind: 'term', operation: 'Log' } })
    expect(readFileSync(plugin.failure!.page!, 'utf8')).toContain('in the update &quot;second&quot;')
    trainer.dispose()
  })

  it('says so where nothing breaks when the step is taken again', async () => {
    let calls = 0
    const { diagnosis, page } = await broken({ compile: false, objectives: [{ loss: lossOf('moody', (embeddings) => tf.mul(tf.mean(embeddings), ++calls === 3 ? NaN : 1)) }] })
    expect(diagnosis.cause).toMatchObject({ kind: 'unknown', samples: [] })
    expect(readFileSync(page, 'utf8')).toContain('did not break again')
  })

  it('names parameters that broke where the run ends before anybody saw', async () => {
    const { diagnosis, error, page } = await broken({
      plugins: [{ name: 'spoil', apply: ({ hooks }) => { hooks.epochEnd.tap({ name: 'spoil', stage: 'save' }, ({ trainer }) => { trainer.parameters.get('embedder.weight')!.assign(tf.fill([5, 3], NaN)); return undefined }) } },
        { name: 'save', apply: ({ hooks }) => { hooks.epochEnd.tapPromise({ name: 'save', stage: 'save' }, async ({ trainer }) => { await trainer.state() }) } }],
    })
    expect(diagnosis).toMatchObject({ cause: { kind: 'parameter', layer: 'embedder.weight', samples: [] }, samples: [], hasChanged: true })
    expect(error.message).toContain('layer embedder.weight; cause: parameter; shown in')
    expect(existsSync(page.replace('index.html', 'batch.safetensors'))).toBe(false)
  })

  it('leaves no tensor behind, and other errors alone', async () => {
    const left: number[] = []
    const before = { name: 'before', apply: ({ hooks }: Parameters<HealthPlugin['apply']>[0]) => { hooks.failed.tap({ name: 'before', stage: 'measure' }, () => { left.push(tf.memory().numTensors); return undefined }) } }
    const after = { name: 'after', apply: ({ hooks }: Parameters<HealthPlugin['apply']>[0]) => { hooks.failed.tap({ name: 'after' }, () => { left.push(tf.memory().numTensors); return undefined }) } }
    await broken({ dataset: spoilt(10), plugins: [before, after] })
    expect(left[1]).toBe(left[0])
    const plugin = health({ folder: join(base, 'none') })
    const trainer = smallTrainer({ plugins: [plugin, { name: 'fail', apply: ({ hooks }) => { hooks.batchStart.tap({ name: 'fail' }, () => { throw new Error('mine') }) } }] })
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('mine')
    expect([plugin.failure, existsSync(join(base, 'none'))]).toEqual([undefined, false])
    trainer.dispose()
  })
})

/** 0 for the first row, 1 for others: [n]. */
const firstIsZero = (embeddings: tf.Tensor2D): tf.Tensor1D => tf.minimum<tf.Tensor1D>(tf.range(0, embeddings.shape[0]), 1)
