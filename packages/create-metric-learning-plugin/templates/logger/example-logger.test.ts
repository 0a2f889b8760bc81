import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogEntry, TappableTrainer } from '@metric-learning/core'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { afterAll, expect, it } from 'vitest'
import { exampleLogger } from './example-logger.js'

const folder = mkdtempSync(join(tmpdir(), 'example-logger-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const make = (file = join(folder, `${++count}.md`)) => exampleLogger({ file })

describePlugin('exampleLogger', {
  create: () => make(),
  mistakes: { 'no file': () => exampleLogger({} as never), 'an unknown option': () => exampleLogger({ file: 'a.md', path: 'b' } as never) },
})

/** Calls the taps of a plugin as a trainer does. */
function tapped(plugin: ReturnType<typeof exampleLogger>) {
  const taps = new Map<string, (context: unknown) => void>()
  const hooks = new Proxy({}, { get: (_, hook: string) => ({ tap: (_options: object, tap: (context: unknown) => void) => taps.set(hook, tap) }) })
  plugin.apply({ hooks } as TappableTrainer)
  return { log: (entry: LogEntry) => taps.get('log')!(entry), done: () => taps.get('done')!({}) }
}

it('writes the last value of each number', () => {
  const file = join(folder, 'new', 'table.md')
  const { log, done } = tapped(make(file))
  log({ kind: 'scalar', tag: 'train/loss', step: 1, value: 0.5 })
  log({ kind: 'text', tag: 'note', step: 1, text: 'no number' })
  log({ kind: 'scalar', tag: 'train/loss', step: 2, value: 0.25 })
  done()
  expect(readFileSync(file, 'utf8')).toBe('| tag | step | value |\n|---|---:|---:|\n| train/loss | 2 | 0.25 |\n')
})

it('names the file that can not be written', () => {
  expect(tapped(make(folder)).done).toThrow(folder)
})
