import { readFileSync } from 'node:fs'
import type { LogEntry } from '@metric-learning/core'
import { describe, expect, it } from 'vitest'
import { tapping, toyTester, toyTrainer } from './toy-run.fixture.js'

const page = readFileSync(new URL('../../../docs/logging.md', import.meta.url), 'utf8')

/** The tags of the page's table, with `<names>` in them, and the kinds of each: `scalar`, or `scalar, or missing`. */
const documented = [...page.matchAll(/^\| `([^`]+)` \| (\w+(?:, or \w+)*) \|/gm)].map(([, tag, kinds]) => ({ tag: tag!, kinds: kinds!.split(', or ') }))

/** What the page's `<names>` are in the run below. */
const NAMES: Readonly<Record<string, string>> = {
  '<term>': 'centre',
  '<objective>': 'centre',
  '<statistic>': 'numPosPairs',
  '<optimizer>': '(trunk|embedder|losses\\.centre)',
  '<path>': '(optimizers|objectives)\\..+',
  '<metric>': 'precisionAt1',
  '<split>': 'val',
  '<tester>': '(first|second)',
}
const fits = (tag: string) => new RegExp(`^${tag.replace(/<[^>]+>/g, (name) => NAMES[name] ?? name)}$`)

/** All that a run with two testers of one split logs. */
async function logged(): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  const spy = tapping('spy', ({ hooks }) => {
    hooks.log.tap({ name: 'spy' }, (entry) => {
      entries.push(entry)
    })
  })
  await toyTrainer([toyTester('first', ['few samples']), toyTester('second'), spy]).train({ epochs: 2 })
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
    expect(stepsOf('epoch/seconds')).toEqual([4, 8])
    expect(stepsOf('val/precisionAt1')).toEqual([0, 4, 8])
    expect(stepsOf('second/val/precisionAt1')).toEqual([0, 4, 8])
  })
})
