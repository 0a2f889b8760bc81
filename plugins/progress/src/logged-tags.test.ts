import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import type { BatchSampler, Loss } from '@metric-learning/contracts'
import { isTagOfTrainer, type LogEntry } from '@metric-learning/core'
import { judge } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { idleMiner, STEPS, tapping, toyTester, toyTrainer } from './toy-run.fixture.js'

const page = readFileSync(new URL('../../../docs/logging.md', import.meta.url), 'utf8')

/** The tags of the page's table, with `<names>` in them, and the kinds of each: `scalar`, or `scalar, or missing`. */
const documented = [...page.matchAll(/^\| `([^`]+)` \| (\w+(?:, or \w+)*) \|/gm)].map(([, tag, kinds]) => ({ tag: tag!, kinds: kinds!.split(', or ') }))

/** What the page's `<names>` are in the run below. */
const NAMES: Readonly<Record<string, string>> = {
  '<term>': '(centre|both)',
  '<objective>': '(centre|both)',
  '<loss>': 'within',
  '<statistic>': 'numPosPairs',
  '<optimizer>': '(trunk|embedder|losses\\.centre)',
  '<output>': 'embeddings',
  '<path>': '(optimizers|objectives)\\..+',
  '<metric>': 'precisionAt1',
  '<level>': 'family',
  '<split>': 'val',
  '<tester>': '(first|second)',
}
const fits = (tag: string) => new RegExp(`^${tag.replace(/<[^>]+>/g, (name) => NAMES[name] ?? name)}$`)

const sum: Loss = {
  name: 'sum',
  parameters: new Map(),
  compute(embeddings, _, { observer } = {}) {
    observer?.terms?.({ sum: { over: 'pair', values: tf.square(embeddings), weights: tf.onesLike(embeddings) } })
    return tf.sum(embeddings)
  },
}

/** A loss with a loss and a miner within. */
const both: Loss = {
  name: 'both',
  parameters: new Map(),
  nested: { within: { loss: sum, miner: idleMiner } },
  compute(embeddings, labels, { observer } = {}) {
    observer?.terms?.({ both: { over: 'pair', values: tf.square(embeddings), weights: tf.onesLike(embeddings) } })
    return judge(this.nested!['within']!, { embeddings, labels, ...(observer && { observer: observer.within('within') }) })
  },
}

/** All that a run with two testers of one split, a loss within a loss and a sampler with statistics logs. */
async function logged(): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  const spy = tapping('spy', ({ hooks }) => {
    hooks.log.tap({ name: 'spy' }, (entry) => {
      entries.push(entry)
    })
  })
  const ofLevels = tapping('levels', ({ hooks }) => {
    hooks.evaluate.tap({ name: 'levels' }, () => ({ tester: 'first', metrics: { val: { 'family/precisionAt1': 1 } }, seconds: 0 }))
  })
  const { objectives } = toyTrainer([]).options
  const plugins = [toyTester('first', ['few samples']), toyTester('second'), ofLevels, spy]
  // Batches with a pair of each kind.
  const sampler: BatchSampler = {
    name: 'threes',
    batchSize: 3,
    batchesPerEpoch: STEPS,
    batch: ({ batch }) => Int32Array.of(0, 1, 2).map((row) => (row + batch) % 4),
    statistics: () => ({ numPosPairs: 1 }),
  }
  await toyTrainer(plugins, { objectives: [...objectives!, { loss: both }], sampler }).train({ epochs: 2 })
  return entries
}

describe('docs/logging.md', () => {
  it('lists what a run logs, all of it and nothing else', async () => {
    const entries = await logged()
    const rowOf = ({ tag, kind }: LogEntry) => documented.filter((row) => row.kinds.includes(kind) && fits(row.tag).test(tag))
    expect(entries.filter((entry) => rowOf(entry).length !== 1).map(({ kind, tag }) => `${kind} ${tag}`)).toEqual([])
    const seen = new Set(entries.flatMap((entry) => rowOf(entry).map(({ tag }) => tag)))
    expect([...seen].sort()).toEqual([...new Set(documented.map(({ tag }) => tag))].sort())
  })

  it('says when: every few steps and at the last of an epoch; after an epoch; at an evaluation', async () => {
    const entries = await logged()
    const stepsOf = (wanted: string) => [...new Set(entries.flatMap(({ tag, step }) => (tag === wanted ? [step] : [])))]
    for (const tag of ['train/loss', 'train/dataWait', 'rate/trunk', 'memory/tensors']) expect(stepsOf(tag)).toEqual([2, 4, 6, 8])
    expect(stepsOf('train/norm/embeddings')).toEqual([2, 4, 6, 8])
    expect(stepsOf('gradients/trunk')).toEqual([4, 8])
    expect(stepsOf('val/loss/both')).toEqual([0, 4, 8])
    expect(stepsOf('configuration')).toEqual([0])
    expect(stepsOf('epoch/seconds')).toEqual([4, 8])
    expect(stepsOf('val/precisionAt1')).toEqual([0, 4, 8])
    expect(stepsOf('second/val/precisionAt1')).toEqual([0, 4, 8])
    // No evaluation at one, nothing else at the other.
    const scalarsAt = (at: number) => entries.flatMap(({ kind, tag, step }) => (kind === 'scalar' && step === at ? [tag] : []))
    expect(scalarsAt(2).filter((tag) => !isTagOfTrainer(tag))).toEqual([])
    expect(scalarsAt(0).filter(isTagOfTrainer)).toEqual([])
  })
})
