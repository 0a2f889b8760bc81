import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { TraceFile } from './trace.js'

const folder = await mkdtemp(join(tmpdir(), 'profile-'))
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Two steps, without a word about profiling. */
const PROGRAM = `
import * as tf from '@tensorflow/tfjs-core'
import { useBackend } from '@metric-learning/backend'
import { Trainer } from '@metric-learning/core'
await useBackend('cpu', { log: () => undefined })
const factor = tf.variable(tf.scalar(1))
const module = (name, parameters) => ({ name, parameters, buffers: new Map(), outputSize: 2, call: (x) => tf.mul(x, factor), dispose() {} })
const load = (rows) => Promise.resolve({ values: new Float32Array(2 * rows.length).fill(1), shape: [rows.length, 2] })
await new Trainer({
  trunk: module('trunk', new Map([['factor', factor]])),
  embedder: module('embedder', new Map()),
  dataset: { name: 'points', labels: Int32Array.of(0, 1), classNames: ['a', 'b'], sampleShape: [2], load },
  sampler: { name: 'all', batchSize: 2, batchesPerEpoch: 2, batch: ({ batch }) => (batch === 0 ? Int32Array.of(0, 1) : Int32Array.of(1, 0)) },
  objectives: [{ loss: { name: 'size', parameters: new Map(), compute: (x) => tf.mean(tf.square(x)) } }],
}).train({ epochs: 1 })
`

describe('profile-process', () => {
  it('profiles a program from outside', async () => {
    const trace = join(folder, 'deeper', 'trace.json')
    const loaders = ['--import', 'tsx', '--conditions', '@metric-learning/source', '--import', here('./profile-process.ts')]
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [...loaders, '--input-type=module', '--eval', PROGRAM], {
        cwd: here('.'),
        env: { ...process.env, METRIC_LEARNING_PROFILE: trace },
      })
      expect(stdout).toContain('Profile of 2 steps in 1 epoch on cpu')
      expect(stdout).toContain(`Trace: ${trace}`)
      const { traceEvents } = JSON.parse(await readFile(trace, 'utf8')) as TraceFile
      expect(traceEvents.filter(({ cat }) => cat === 'step').length).toBe(2)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
