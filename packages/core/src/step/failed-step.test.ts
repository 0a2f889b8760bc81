import * as tf from '@tensorflow/tfjs-core'
import type { Loss, Module } from '@metric-learning/contracts'
import { expectFinite, FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import type { FailedContext } from '../hooks/contexts.js'
import type { Plugin } from '../plugin.js'
import { centreLoss, clusters, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

/** Mean of squares; one that is told to fails in the given step, by what is computed on the host. */
function failingLoss(fails: () => boolean): Loss {
  return {
    name: 'failing',
    parameters: new Map(),
    compute(embeddings) {
      if (fails()) expectFinite('failing', 'embeddings', tf.mul(embeddings, NaN))
      return tf.mean(tf.square(embeddings))
    },
  }
}

/** Calls `look` with what `hooks.failed` is told. */
const onFailure = (look: (context: FailedContext) => void): Plugin => ({
  name: 'onFailure',
  apply({ hooks }) {
    hooks.failed.tap({ name: 'onFailure' }, (context) => {
      look(context)
      return undefined
    })
  },
})

/** A trunk with a running mean, which moves in each call. */
function counting(trunk: Module): Module {
  const calls = tf.variable(tf.scalar(0), false)
  return {
    ...trunk,
    buffers: new Map([['calls', calls as tf.Variable]]),
    call: (x, mode) => {
      calls.assign(tf.add(calls, 1))
      return trunk.call(x, mode)
    },
  }
}

describe.runIf(hasFusedKernel(FusedKernel.expectFinite))('a step that failed', () => {
  it.each([undefined, 3])('is taken again in pieces, which change nothing; chunkSize %s', async (chunkSize) => {
    let step = 0
    const found: { values: unknown; again: unknown; pieces: Record<string, unknown>; rows: number; hasChanged: boolean }[] = []
    const look = ({ trainer, failedStep }: FailedContext) => {
      const own = trainer as Trainer
      const values = valuesOf(own)
      const pieces: Record<string, unknown> = {}
      step = -100
      failedStep!.retake((update) => {
        pieces['name'] = update.name
        pieces['outputs'] = Object.entries(update.outputs()).map(([name, { shape }]) => [name, shape])
        pieces['terms'] = [...update.terms().keys()]
        pieces['at embeddings'] = update.outputGradients('failing').get('embeddings')!.dataSync().slice(0, 3)
        pieces['of embeddings'] = tf.mul(update.outputs()['embeddings']!, 2 / 24).dataSync().slice(0, 3)
        pieces['gradients'] = [...update.gradients()].map(([name, { shape }]) => [name, shape])
        return true
      })
      found.push({ values, again: valuesOf(own), pieces, rows: failedStep!.rows.length, hasChanged: failedStep!.hasChanged })
    }
    const { trunk, ...options } = toyOptions()
    const counted = counting(trunk)
    const trainer = new Trainer({
      ...options,
      trunk: counted,
      objectives: [{ loss: centreLoss() }, { loss: failingLoss(() => ++step === 3) }],
      compile: false,
      ...(chunkSize && { chunkSize }),
      plugins: [onFailure(look)],
    })
    await expect(trainer.train({ epochs: 1 })).rejects.toMatchObject({ code: 'ML_NOT_FINITE' })
    expect(found).toHaveLength(1)
    const [{ values, again, pieces, rows, hasChanged }] = found as [(typeof found)[0]]
    expect([rows, hasChanged]).toEqual([8, false])
    expect(again).toEqual(values)
    const [calls] = counted.buffers.get('calls')!.dataSync()
    expect(calls).toBe(chunkSize ? 2 * 3 : 2)
    expect(pieces).toMatchObject({
      terms: ['centre', 'failing'],
      gradients: [['trunk.weight', [6, 5]], ['embedder.weight', [5, 3]], ['losses.centre.centres', [4, 3]]],
    })
    expect(pieces['outputs']).toContainEqual(['embeddings', [8, 3]])
    for (const [i, value] of [...(pieces['at embeddings'] as Float32Array)].entries()) expect(value).toBeCloseTo((pieces['of embeddings'] as Float32Array)[i]!, 6)
    trainer.dispose()
  })

  it('leaves no tensor behind, whatever a piece throws', async () => {
    const left: number[] = []
    const look = ({ failedStep }: FailedContext) => {
      const before = tf.memory().numTensors
      expect(() => { failedStep!.retake((update) => update.terms().size > 0) }).toThrow('failing: wanted `embeddings` of finite numbers')
      left.push(tf.memory().numTensors - before)
    }
    const trainer = new Trainer({ ...toyOptions({ objectives: [{ loss: failingLoss(() => true) }] }), compile: false, plugins: [onFailure(look)] })
    await expect(trainer.train({ epochs: 1 })).rejects.toMatchObject({ code: 'ML_NOT_FINITE' })
    expect(left).toEqual([0])
    trainer.dispose()
  })

  it('takes updates in order, each with the weights as the one before left them', async () => {
    const { trunk, embedder, dataset, sampler } = toyOptions()
    let fails = false
    const weights: number[][] = []
    const look = ({ trainer, failedStep }: FailedContext) => {
      fails = false
      failedStep!.retake((update) => {
        weights.push([...trainer.parameters.get('trunk.weight')!.dataSync()])
        return update.gradients().size > 0
      })
      weights.push([...trainer.parameters.get('trunk.weight')!.dataSync()])
    }
    const forward = ({ samples }: { samples: tf.Tensor }) => ({ embeddings: embedder!.call(trunk.call(samples, { training: true }), { training: true }) })
    const trainer = new Trainer({
      dataset,
      sampler,
      scheme: {
        name: 'two',
        modules: { trunk, embedder: embedder! },
        forward,
        updates: [
          { name: 'first', modules: ['trunk', 'embedder'], objectives: [{ name: 'a', loss: failingLoss(() => false) }] },
          { name: 'second', modules: ['trunk', 'embedder'], objectives: [{ name: 'b', loss: failingLoss(() => fails) }] },
        ],
      },
      compile: false,
      plugins: [onFailure(look), { name: 'fail', apply: ({ hooks }) => { hooks.batchStart.tap({ name: 'fail' }, ({ step }) => { fails = step === 1; return undefined }) } }],
    })
    await expect(trainer.train({ epochs: 1 })).rejects.toMatchObject({ code: 'ML_NOT_FINITE' })
    expect(weights).toHaveLength(3)
    expect(weights[1]).not.toEqual(weights[0])
    expect(weights[2]).toEqual(weights[0])
    trainer.dispose()
  })

  it('is not there where a run fails between steps', async () => {
    const failedSteps: unknown[] = []
    const trainer = new Trainer({
      ...toyOptions({ dataset: { ...clusters(), load: () => Promise.reject(new Error('no disk')) } }),
      plugins: [onFailure(({ failedStep }) => void failedSteps.push(failedStep))],
    })
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('no disk')
    expect(failedSteps).toEqual([undefined])
    trainer.dispose()
  })
})
