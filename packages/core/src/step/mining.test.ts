import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Loss, Miner, MineOptions, NestedJudge, PairSelection, Selection, SelectionIndices } from '@metric-learning/contracts'
import { asRelations, compareEmbeddings, judge, selectAllPairs, withoutGradient } from '@metric-learning/ops'
import type { LogEntry } from '../hooks/log-entry.js'
import type { Plugin } from '../plugin.js'
import { metricLossOnly } from '../schemes/metric-loss-only.js'
import type { Objective } from '../schemes/objective.js'
import type { Scheme } from '../schemes/scheme.js'
import { linear, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

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
  // Its outputs are others than those of the scheme that it is made of.
  const { outputs: _, ...scheme } = metricLossOnly({ trunk: linear('trunk', 6, 3, 1), embedder: linear('embedder', 3, 3, 2) })
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
    const message = 'wanted an output out of others, embeddings, again, othersAgain, got "nowhere". Correct'
    await expect(trained({ loss: pull, miner: near, mineOn: { of: 'nowhere' } })).rejects.toThrow(`${message} \`mineOn.of\``)
    await expect(trained({ loss: pull, miner: near, against: 'again', mineOn: { against: 'nowhere' } })).rejects.toThrow(`${message} \`mineOn.against\``)
    await expect(trained({ loss: pull, of: 'nowhere' })).rejects.toThrow(`${message} \`of\``)
    expect(() => trainerOf({ loss: pull, miner: near, mineOn: { of: 5 as never } })).toThrow('Objective "pull", mineOn: wanted `of` to be the name of an output, got 5')
    expect(() => trainerOf({ loss: pull, miner: near, mineOn: 'others' as never })).toThrow('Objective "pull", mineOn: wanted an object of options, got')
  })

  it('is named where its output is none that a miner could look at', async () => {
    const strict: Miner = { name: 'strict', mine: (embeddings, labels) => near.mine(compareEmbeddings('strict', tf.slice(embeddings, 0, 4), labels).embeddings, labels) }
    await expect(trained({ loss: pull, miner: strict, mineOn: { of: 'others' } })).rejects.toThrow(/^strict: wanted one label for each of the 4 rows.*\(in mineOn, output "others"\)/)
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
      'Objective "pull": nothing selected nothing that pull could compare in 3 of 3 steps, and nothing was learned there: make it less strict (its margin, range or share), or ' +
        'draw batches with several samples of each of several classes, as MPerClassSampler does. The log counts them as train/emptySelections/pull.',
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

/** Numbers that are logged under such tags, by step. */
const logging = (begin: string, logged: [tag: string, step: number, value: number][]): Plugin => ({
  name: 'logging',
  apply({ hooks }) {
    hooks.log.tap({ name: 'logging' }, (entry) => {
      if (entry.kind === 'scalar' && entry.tag.startsWith(begin)) logged.push([entry.tag.slice(begin.length), entry.step, entry.value])
    })
  },
})

/** Counts of empty selections after an epoch of four steps, by tag. */
async function emptyOf(objective: Objective, extra: object = {}) {
  const logged: [string, number, number][] = []
  await trained(objective, { ...extra, plugins: [logging('train/emptySelections/', logged)] })
  return Object.fromEntries(logged.map(([tag, , value]) => [tag, value]))
}

/** Selects by a rule of masks. */
const selecting = (choose: (positive: tf.Tensor2D, negative: tf.Tensor2D) => Selection | SelectionIndices): Miner => ({
  name: 'selecting',
  mine(_, labels) {
    const { positive, negative } = selectAllPairs(asRelations(labels))
    return choose(positive, negative) as Selection
  },
})
const positivesAlone = selecting((positive, negative) => ({ kind: 'pairs', positive, negative: tf.zerosLike(negative) }))
const everything = selecting((positive, negative) => ({ kind: 'pairs', positive, negative }))
const overTriplets: Loss = { ...pull, compares: 'triplets' }

/** Two losses as one, each with a miner or none. */
const both = (first: NestedJudge, second: NestedJudge): Loss => ({
  name: 'both',
  parameters: new Map(),
  nested: { first, second },
  compute(embeddings, labels, { observer, selection, ...options } = {}) {
    const of = (name: string, one: NestedJudge) => judge(one, { embeddings, labels, ...options, ...(observer && { observer: observer.within(name) }) }, (mined) => mined ?? selection)
    return tf.add(of('first', first), of('second', second))
  },
})

describe.each([true, false])('An empty selection (compile: %s)', (compile) => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is one in which the loss finds nothing that it could compare', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const noTuples = selecting(() => ({ anchor: [], positive: [], negative: [] }))
    const noPairs = selecting(() => ({ anchor1: [], positive: [], anchor2: [], negative: [] }))
    const pairsApart = selecting(() => ({ anchor1: [0], positive: [1], anchor2: [2], negative: [3] }))
    const pairsOfOne = selecting(() => ({ anchor1: [0], positive: [1], anchor2: [0], negative: [3] }))
    const rule = (weight: number) => selecting((positive) => {
      const index = tf.zeros<tf.Rank.R2>([positive.shape[0], 1], 'int32')
      return { kind: 'tripletRule', positiveIndex: index, referenceCount: positive.shape[1], constants: [index], whole: [], weights: ({ constants: [own] }) => tf.fill([own!.shape[0]!, 1, positive.shape[1]], weight) }
    })
    const zero: Loss = { name: 'zero', parameters: new Map(), compares: 'triplets', compute: (embeddings) => tf.mul(tf.sum(embeddings), 0) }
    const cases: [Loss, Miner, number | undefined][] = [
      [overTriplets, positivesAlone, 4], [overTriplets, everything, undefined], [pull, positivesAlone, undefined],
      [{ ...pull, compares: 'bothPairs' }, positivesAlone, 4],
      [zero, noTuples, 4], [zero, noPairs, 4], [zero, pairsApart, 4], [zero, pairsOfOne, undefined],
      [zero, rule(0), 4], [zero, rule(1), undefined],
    ]
    for (const [loss, miner, wanted] of cases) expect((await emptyOf({ name: 'one', loss, miner }, { compile }))['one']).toBe(wanted)
  })

  it('is also a batch whose labels allow nothing, where there is no miner', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { dataset } = toyOptions()
    // A sample of each class; and once two of one.
    const singletons = { name: 'singletons', batchSize: 4, batchesPerEpoch: 4, batch: ({ batch }: { batch: number }) => Int32Array.of(0, 1, 2, batch === 2 ? 4 : 3) }
    expect(await emptyOf({ loss: overTriplets }, { compile, dataset, sampler: singletons })).toEqual({ pull: 3 })
    expect(warned.mock.calls.map(([text]) => text)).toEqual([
      'Objective "pull": pull found nothing to compare in 3 of 4 steps, and nothing was learned there: draw batches with several samples of each of several classes, as MPerClassSampler does. ' +
        'The log counts them as train/emptySelections/pull.',
    ])
    // It compares the classes.
    expect(await emptyOf({ loss: { ...pull, compares: 'pairs' } }, { compile, dataset, sampler: singletons })).toEqual({})
    expect(await emptyOf({ loss: { ...pull, compares: 'embeddings' } }, { compile, dataset, sampler: singletons })).toEqual({})
  })

  it('counts within a loss, for each of its losses, and what their miners record is logged', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const recording: Miner = {
      name: 'recording',
      statistics: ['numPosPairs'],
      mine(embeddings, labels, { record } = {}) {
        const selection = nothing.mine(embeddings, labels) as PairSelection
        record?.({ numPosPairs: tf.sum(selection.positive) })
        return selection
      },
    }
    const loss = both({ loss: pull, miner: everything }, { loss: both({ loss: overTriplets }, { loss: overTriplets, miner: recording }) })
    const logged: [string, number, number][] = []
    await trained({ name: 'all', loss }, { compile, plugins: [logging('train/', logged)] })
    const counts = logged.filter(([tag]) => /^(emptySelections|miner)/.test(tag))
    expect(counts).toEqual([['emptySelections/all/second.second', 4, 4], ['miner/all/second.second/numPosPairs', 4, 0]])
    expect(warned.mock.calls).toHaveLength(1)
    expect(warned.mock.calls[0]![0]).toContain('Objective "all", second.second: recording selected nothing that pull could compare in 4 of 4 steps')
  })

  it('counts on where a run is resumed', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const make = (logged: [string, number, number][]) => trainerOf({ name: 'all', loss: both({ loss: pull, miner: nothing }, { loss: pull }) }, { compile, plugins: [logging('train/emptySelections/', logged)] })
    const first = make([])
    await first.train({ epochs: 1 })
    const logged: [string, number, number][] = []
    const second = make(logged)
    await second.restore(await first.state())
    await second.train({ epochs: 2 })
    expect(logged).toEqual([['all/first', 8, 8]])
    // A state of before a loss was counted.
    const third = make(logged)
    await third.restore({ ...(await first.state()), emptySelections: { tensors: new Map() } })
    await third.train({ epochs: 2 })
    expect(logged.at(-1)).toEqual(['all/first', 8, 4])
  })

  it('is of the whole batch where that comes in chunks, and counted where its gradients come in two phases', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const loss = both({ loss: pull, miner: nothing }, { loss: pull })
    expect(await emptyOf({ name: 'all', loss }, { compile, chunkSize: 3 })).toEqual({ 'all/first': 4 })
  })
})
