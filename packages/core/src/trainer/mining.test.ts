import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Loss, Miner, MineOptions, PairSelection } from '@metric-learning/contracts'
import { asRelations, selectAllPairs, withoutGradient } from '@metric-learning/ops'
import type { LogEntry } from '../hooks/log-entry.js'
import type { Plugin } from '../plugin.js'
import { metricLossOnly } from '../schemes/metric-loss-only.js'
import type { Scheme } from '../schemes/scheme.js'
import type { Objective } from './objective.js'
import { linear, toyOptions, valuesOf } from './toy-trainer.fixture.js'
import { Trainer } from './trainer.js'

/** Σ w ‖x - y‖² over the selected positive pairs of embeddings and references. */
const pull: Loss = {
  name: 'pull',
  parameters: new Map(),
  compute(embeddings, labels, { selection, references } = {}) {
    const { positive } = (selection ?? selectAllPairs(asRelations(labels))) as PairSelection
    const others = references?.refEmbeddings ?? embeddings
    const squared = tf.sum(tf.square(tf.sub(tf.expandDims(embeddings, 1), tf.expandDims(others, 0))), 2)
    return tf.sum(tf.mul(squared, positive))
  },
}

/** The positives that are nearer than their mean. */
const near: Miner<PairSelection> = {
  name: 'near',
  mine(embeddings, labels, { references }: MineOptions = {}) {
    const { positive, negative } = selectAllPairs(asRelations(labels))
    const others = references?.refEmbeddings ?? embeddings
    const isNear = withoutGradient(() => {
      const squared = tf.sum(tf.square(tf.sub(tf.expandDims(embeddings, 1), tf.expandDims(others, 0))), 2)
      return tf.cast(tf.less(squared, tf.div(tf.sum(tf.mul(squared, positive)), tf.sum(positive))), 'float32')
    })
    return { kind: 'pairs', positive: tf.mul(positive, isNear), negative }
  },
}

const nothing: Miner<PairSelection> = {
  name: 'nothing',
  mine(_, labels) {
    const { positive, negative } = selectAllPairs(asRelations(labels))
    return { kind: 'pairs', positive: tf.zerosLike(positive), negative: tf.zerosLike(negative) }
  },
}

/** The default scheme, with a further output, and both again under other names. */
function withOthers(): Scheme {
  const scheme = metricLossOnly({ trunk: linear('trunk', 6, 3, 1), embedder: linear('embedder', 3, 3, 2) })
  return {
    ...scheme,
    forward(batch, mode) {
      const features = scheme.modules['trunk']!.call(batch.samples, mode)
      const embeddings = scheme.modules['embedder']!.call(features, mode)
      // Where others are near.
      const others = tf.sin(tf.mul(features, 5))
      return { others, embeddings, again: tf.mul(embeddings, 1), othersAgain: tf.mul(others, 1) }
    },
  }
}

const trainerOf = (objective: Objective, extra: object = {}) => {
  const { dataset, sampler } = toyOptions()
  return new Trainer({ dataset, sampler, scheme: withOthers(), objectives: [objective], ...extra })
}

async function trained(objective: Objective, extra: object = {}) {
  const trainer = trainerOf(objective, extra)
  await trainer.train({ epochs: 1 })
  return valuesOf(trainer)
}

describe.each([true, false])('mineOn (compile: %s)', (compile) => {
  it('has a miner look at another output than the loss', async () => {
    const seen: { embeddings: number[]; references: number[] | undefined }[] = []
    const shapes = ({ embeddings, refEmbeddings }: { embeddings: tf.Tensor; refEmbeddings: tf.Tensor | undefined }) =>
      void seen.push({ embeddings: embeddings.shape, references: refEmbeddings?.shape })
    const watch: Plugin = {
      name: 'watch',
      apply({ hooks }) {
        hooks.mine.tap({ name: 'watch' }, (context) => {
          shapes(context)
          return context
        })
      },
    }
    /** Mines on the output itself, without telling the trainer. */
    const byOthers = async (objective: Objective) => {
      let others: tf.Tensor2D[] = []
      const scheme = withOthers()
      const spied: Scheme = {
        ...scheme,
        forward(batch, mode) {
          const outputs = scheme.forward(batch, mode)
          others = [outputs['others'] as tf.Tensor2D, outputs['othersAgain'] as tf.Tensor2D]
          return outputs
        },
      }
      const miner: Miner = {
        name: 'near',
        mine: (_, labels, options = {}) => near.mine(others[0]!, labels, options.references ? { references: { ...options.references, refEmbeddings: others[1]! } } : {}),
      }
      return trained({ ...objective, miner }, { scheme: spied, compile })
    }
    const onOthers = await trained({ loss: pull, miner: near, mineOn: { of: 'others' } }, { compile, plugins: [watch] })
    expect(onOthers).toEqual(await byOthers({ loss: pull }))
    expect(onOthers).not.toEqual(await trained({ loss: pull, miner: near }, { compile }))
    expect(seen[0]).toEqual({ embeddings: [8, 3], references: undefined })

    const across = await trained({ loss: pull, against: 'again', miner: near, mineOn: { of: 'others', against: 'othersAgain' } }, { compile, plugins: [watch] })
    expect(across).toEqual(await byOthers({ loss: pull, against: 'again' }))
    expect(seen.at(-1)).toEqual({ embeddings: [8, 3], references: [8, 3] })
  })
})

describe('mineAmong', () => {
  /** The half of the positives that are farthest apart, of those it may choose among. */
  const farHalf: Miner<PairSelection> = {
    name: 'farHalf',
    chooses: true,
    mine(embeddings, labels, { among } = {}) {
      const { positive, negative } = (among ?? selectAllPairs(asRelations(labels))) as PairSelection
      return withoutGradient(() => {
        const squared = tf.sum(tf.square(tf.sub(tf.expandDims(embeddings, 1), tf.expandDims(embeddings, 0))), 2)
        const mean = tf.div(tf.sum(tf.mul(squared, positive)), tf.maximum(tf.sum(positive), 1))
        return { kind: 'pairs', positive: tf.mul<tf.Tensor2D>(positive, tf.cast(tf.greater(squared, mean), 'float32')), negative } as const
      })
    },
  }
  const stage = (name: string, more: Partial<Objective> = {}): Objective => ({ name, loss: pull, miner: farHalf, ...more })
  const { dataset, sampler } = toyOptions()
  const cascade = (objectives: readonly Objective[], extra: object = {}) => new Trainer({ dataset, sampler, scheme: withOthers(), objectives, ...extra })

  it.each([true, false])('has a miner choose among what the objective before selected (compile: %s)', async (compile) => {
    const chosen: number[][] = []
    const watch: Plugin = {
      name: 'watch',
      apply({ hooks }) {
        hooks.mine.tap({ name: 'watch' }, (context) => {
          const { positive } = context.selection as PairSelection
          if (!compile) chosen.push([...positive.dataSync()])
          // What a tap makes of a selection is what is handed on.
          return context.objective === 'first' ? { ...context, selection: { ...(context.selection as PairSelection), positive: tf.mul<tf.Tensor2D>(positive, 1) } } : context
        })
      },
    }
    const run = async (objectives: readonly Objective[]) => {
      const trainer = cascade(objectives, { compile, plugins: [watch] })
      await trainer.train({ epochs: 1 })
      return valuesOf(trainer)
    }
    const handedOn = await run([stage('first'), stage('second', { mineAmong: 'first' })])
    const [first, second] = chosen
    if (first && second) {
      const count = (weights: readonly number[]) => weights.filter((weight) => weight > 0).length
      expect(second.every((weight, i) => weight === 0 || first[i]! > 0)).toBe(true)
      expect(count(second)).toBeGreaterThan(0)
      expect(count(second)).toBeLessThan(count(first))
    }
    expect(handedOn).not.toEqual(await run([stage('first'), stage('second')]))
  })

  it.each([
    [[stage('first'), stage('second', { mineAmong: 'frist' })], 'Objective "second": wanted `mineAmong` to name an objective with a miner before it in the same update: first, got "frist"'],
    [[stage('second', { mineAmong: 'first' }), stage('first')], 'before it in the same update, got "first"'],
    [[{ name: 'first', loss: pull }, stage('second', { mineAmong: 'first' })], 'Give the objective of the stage before a miner'],
    [[stage('first'), stage('second', { miner: near, mineAmong: 'first' })], 'wanted a `miner` that chooses among pairs beside `mineAmong`, got near'],
    [[stage('first'), { name: 'second', loss: pull, mineAmong: 'first' }], 'beside `mineAmong`, got none'],
  ] as [Objective[], string][])('is refused where there is nothing to choose among: %#', (objectives, message) => {
    expect(() => cascade(objectives)).toThrow(message)
  })
})

describe('mineOn', () => {
  it('is refused where nobody would go by it', () => {
    expect(() => trainerOf({ loss: pull, mineOn: { of: 'others' } })).toThrow('Objective "pull": wanted a `miner` beside `mineOn`, got none')
    expect(() => trainerOf({ loss: pull, miner: near, mineOn: { against: 'again' } })).toThrow('wanted `against` beside `mineOn.against`, got none')
    expect(() => trainerOf({ loss: pull, miner: near, mineOn: { off: 'others' } as never })).toThrow('mineOn')
  })

  it('names an output that there is', async () => {
    await expect(trained({ loss: pull, miner: near, mineOn: { of: 'nowhere' } })).rejects.toThrow('wanted an output out of others, embeddings, again, othersAgain, got "nowhere"')
  })
})

it.each([true, false])('A miner that gives no selection is refused, and does not leave the loss with everything (compile: %s)', async (compile) => {
  for (const given of [undefined, null]) {
    const forgetful = { name: 'forgetful', mine: () => given } as unknown as Miner
    await expect(trained({ loss: pull, miner: forgetful }, { compile })).rejects.toThrow('forgetful: wanted a selection from `mine`, got')
  }
})

describe.each([true, false])('A miner that selects nothing (compile: %s)', (compile) => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each([false, true])('is counted, logged and warned of once; nothing is learned (exchanged: %s)', async (isExchanged) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const logged: LogEntry[] = []
    const watch: Plugin = {
      name: 'watch',
      apply({ hooks }) {
        hooks.log.tap({ name: 'watch' }, (entry) => void logged.push(entry))
        if (isExchanged) hooks.exchange.tap({ name: 'watch' }, () => undefined)
      },
    }
    const trainer = trainerOf({ loss: pull, miner: nothing }, { compile, plugins: [watch], logEverySteps: 3 })
    const before = valuesOf(trainer)
    await trainer.train({ epochs: 2 })
    expect(valuesOf(trainer)).toEqual(before)
    const counts = logged.flatMap((entry) => (entry.kind === 'scalar' && entry.tag === 'train/emptySelections/pull' ? [[entry.step, entry.value]] : []))
    expect(counts).toEqual([[3, 3], [4, 4], [6, 6], [8, 8]])
    expect(warned.mock.calls.map(([text]) => text)).toEqual([
      'Objective "pull": nothing selected nothing in 3 of 3 steps: nothing was learned there of what it is to select. The log counts them as train/emptySelections/pull.',
    ])
    trainer.dispose()
  })

  it('is warned of where nobody logs, and not where it selects something', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await trained({ loss: pull, miner: near }, { compile })
    expect(warned).not.toHaveBeenCalled()
    await trained({ loss: pull, miner: nothing }, { compile })
    expect(warned).toHaveBeenCalledTimes(1)
  })
})
