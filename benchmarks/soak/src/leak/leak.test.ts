import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Plugin } from '@metric-learning/core'
import { stepCompiler } from '@metric-learning/ops'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { PLACES } from '../soak-run.js'
import { leakRun } from './leak-run.js'
import { leakVerdict } from './leak-verdict.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soak-leak-'))
  return () => rmSync(folder, { recursive: true })
})

describe.runIf(stepCompiler())('Compiled steps with every plugin on', () => {
  it('leave no tensor behind, from epoch to epoch and after the run', async () => {
    const before = tf.memory().numTensors
    const readings = await leakRun({ folder, steps: 200, evaluations: 4 })
    expect(readings.map(({ step }) => step)).toEqual([50, 100, 150, 200])
    expect(new Set(readings.map(({ tensors }) => tensors)).size).toBe(1)
    expect(tf.memory().numTensors).toBe(before)
    // Each plugin was at work.
    expect(readFileSync(join(folder, PLACES.csvFile), 'utf8')).toMatch(/^200,heldOut\/meanAveragePrecisionAtR,0\.\d+$/m)
    expect(readFileSync(join(folder, PLACES.jsonLines), 'utf8')).toContain('"tag":"rate/losses.arcFace","step":200')
    expect(readdirSync(join(folder, PLACES.tensorBoard))).toContain('projector_config.pbtxt')
    expect(readdirSync(join(folder, PLACES.checkpoints)).length).toBeGreaterThanOrEqual(2)
  })

  it('would be caught with a plugin that keeps one', async () => {
    const leaked: tf.Tensor[] = []
    onTestFinished(() => tf.dispose(leaked))
    const leak: Plugin = {
      name: 'leak',
      apply({ hooks }) {
        hooks.epochEnd.tap({ name: 'leak' }, ({ epoch }) => {
          if (epoch === 3) leaked.push(tf.scalar(1))
        })
      },
    }
    const { isFlat, text } = leakVerdict(await leakRun({ folder, steps: 16, evaluations: 4, plugins: [leak] }))
    expect(isFlat).toBe(false)
    expect(text).toMatch(/^NOT flat from step 8 to 16: \d+, \d+ tensors/)
  })
})

describe('leakVerdict', () => {
  const readings = (mebibytes: (i: number) => number) => Array.from({ length: 20 }, (_, i) => ({ step: 100 * (i + 1), tensors: 46, mebibytes: mebibytes(i) }))

  it('leaves out the first quarter: that is warm-up', () => {
    expect(leakVerdict(readings((i) => (i < 5 ? 300 + 40 * i : 500 + (i % 3))))).toEqual({
      isFlat: true,
      text: 'flat from step 600 to 2000: 46 tensors; 502.0 MiB resident at first, at most 502.0, 0.00 % more (up to 2 % pass)',
    })
  })

  it('finds memory that rises', () => {
    expect(leakVerdict(readings((i) => 500 + i))).toMatchObject({ isFlat: false, text: expect.stringContaining('2.77 % more') as string })
  })
})
