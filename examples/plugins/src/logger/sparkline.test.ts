import type { LogEntry, TappableTrainer } from '@metric-learning/core'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { sparkline } from './sparkline.js'

describePlugin('sparkline', {
  create: () => sparkline({ tag: 'train/loss', write: () => undefined }),
  mistakes: { 'no tag': () => sparkline({} as never), 'an unknown option': () => sparkline({ tag: 'a', width: 8 } as never), 'a file to write to': () => sparkline({ tag: 'a', write: 'a.txt' as never }) },
})

it('draws its number, and no other', () => {
  const lines: string[] = []
  const taps = new Map<string, (context: unknown) => void>()
  const hooks = new Proxy({}, { get: (_, hook: string) => ({ tap: (_options: object, tap: (context: unknown) => void) => taps.set(hook, tap) }) })
  sparkline({ tag: 'train/loss', write: (line) => void lines.push(line) }).apply({ hooks } as TappableTrainer)
  const log = (tag: string, value: number) => taps.get('log')!({ kind: 'scalar', tag, step: 1, value } satisfies LogEntry)
  taps.get('epochEnd')!({})
  for (const value of [8, 4.5, 1, NaN]) log('train/loss', value)
  log('val/precisionAt1', 0.5)
  taps.get('epochEnd')!({})
  expect(lines).toEqual(['train/loss █▅▁ 1.00'])
})
