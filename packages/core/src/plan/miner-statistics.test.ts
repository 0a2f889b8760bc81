import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Loss, Miner, PairSelection } from '@metric-learning/contracts'
import { asRelations, selectAllPairs } from '@metric-learning/ops'
import type { Plugin } from '../plugin.js'
import { toyOptions } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

/** Σ w ‖x - y‖² over the selected positive pairs. */
const pull: Loss = {
  name: 'pull',
  parameters: new Map(),
  compute(embeddings, labels, { selection } = {}) {
    const { positive } = (selection ?? selectAllPairs(asRelations(labels))) as PairSelection
    return tf.sum(tf.mul(tf.sum(tf.square(tf.sub(tf.expandDims(embeddings, 1), tf.expandDims(embeddings, 0))), 2), positive))
  },
}

/** Selects everything, and records how much, and how large embeddings are. */
const measuring = (recorded: readonly string[] = ['numPosPairs', 'meanSquare']): Miner & { collectStats: boolean } => ({
  name: 'measuring',
  collectStats: true,
  statistics: ['numPosPairs', 'meanSquare'],
  mine(embeddings, labels, { record } = {}) {
    const selection = selectAllPairs(asRelations(labels))
    const all: Record<string, tf.Scalar> = { numPosPairs: tf.sum(selection.positive), meanSquare: tf.mean(tf.square(embeddings)) }
    if (this.collectStats) record?.(Object.fromEntries(recorded.map((name) => [name, all[name]!])))
    return selection
  },
})

type Logged = [tag: string, step: number, value: number]

async function logged(miner: Miner, extra: object, onEntry?: (entry: Logged) => void) {
  const entries: Logged[] = []
  const logger: Plugin = {
    name: 'logger',
    apply({ hooks }) {
      hooks.log.tap({ name: 'logger' }, (entry) => {
        if (entry.kind !== 'scalar' || !entry.tag.startsWith('train/miner/')) return
        entries.push([entry.tag, entry.step, entry.value])
        onEntry?.(entries.at(-1)!)
      })
    },
  }
  const trainer = new Trainer({ ...toyOptions(), objectives: [{ name: 'near', loss: pull, miner }], logEverySteps: 2, ...extra, plugins: [logger] })
  try {
    await trainer.train({ epochs: 1 })
  } finally {
    trainer.dispose()
  }
  return { entries }
}

describe('What a miner records', () => {
  it('is logged where a run is looked at, compiled or not', async () => {
    const { entries } = await logged(measuring(), { compile: false })
    expect(new Set(entries.map(([tag]) => tag))).toEqual(new Set(['train/miner/near/numPosPairs', 'train/miner/near/meanSquare']))
    const steps = entries.filter(([tag]) => tag.endsWith('meanSquare'))
    expect(steps.every(([, step], i) => step % 2 === 0 || i === steps.length - 1)).toBe(true)
    // Embeddings move with the weights, so that each look sees another number.
    expect(new Set(steps.map(([, , value]) => value)).size).toBe(steps.length)
    const compiled = await logged(measuring(), {})
    compiled.entries.forEach(([tag, step, value], i) => {
      expect([tag, step]).toEqual(entries[i]!.slice(0, 2))
      expect(value).toBeCloseTo(entries[i]![2], 4)
    })
  })

  it('is of the whole batch where that comes in chunks', async () => {
    const [whole, chunks] = [await logged(measuring(), {}), await logged(measuring(), { chunkSize: 4 })]
    expect(chunks.entries.map(([tag, step]) => [tag, step])).toEqual(whole.entries.map(([tag, step]) => [tag, step]))
    chunks.entries.forEach(([, , value], i) => expect(value).toBeCloseTo(whole.entries[i]![2], 4))
  })

  it.each([true, false])('is of this step: a miner that records no more is logged no more (compile: %s)', async (compile) => {
    const miner = measuring()
    const { entries } = await logged(miner, { compile, logEverySteps: 1 }, ([, step]) => {
      if (step === 2) miner.collectStats = false
    })
    expect(new Set(entries.map(([, step]) => step))).toEqual(new Set([1, 2]))
  })

  it('is nothing where it never recorded', async () => {
    expect((await logged({ ...measuring(), collectStats: false } as Miner, {})).entries).toEqual([])
  })

  it('is nothing where it has no names', async () => {
    const { name, mine } = measuring()
    expect((await logged({ name, mine }, {})).entries).toEqual([])
  })

  it('has all names that the miner gave', async () => {
    await expect(logged(measuring(['numPosPairs']), {})).rejects.toThrow('wanted measuring to record numPosPairs, meanSquare, got no meanSquare')
  })
})
