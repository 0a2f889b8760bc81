import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { OptionError, PluginError } from '@metric-learning/contracts'
import type { RunState, Trainer } from '@metric-learning/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { csvFile } from './csv-file.js'
import { jsonLines } from './json-lines.js'
import { STEPS, tapping, toyTester, toyTrainer } from './toy-run.fixture.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-files-'))
  file = join(folder, 'deep/run/log')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const text = () => readFileSync(file, 'utf8')
const entries = () => text().trimEnd().split('\n').map((line) => JSON.parse(line) as { tag: string; step: number; value: unknown })

/** Times and memory are other ones in each run. */
const repeatable = () => text().split('\n').filter((line) => !/samplesPerSecond|dataWait|seconds|memory/.test(line))

/** All kinds of entries, and numbers that JSON has not, at step 0. */
const logAll = (trainer: Trainer): void => {
  for (const value of [NaN, Infinity, -Infinity, 1e-7]) trainer.log({ kind: 'scalar', tag: 'a, "b"', step: 0, value })
  trainer.log({ kind: 'missing', tag: 'val/AMI', step: 0, reason: 'One class.' })
  trainer.log({ kind: 'text', tag: 'notes', step: 0, text: 'two\nlines' })
  trainer.log({ kind: 'histogram', tag: 'norms', step: 0, values: [1] })
  trainer.log({ kind: 'image', tag: 'picture', step: 0, image: { png: new Uint8Array(1), width: 1, height: 1 } })
  trainer.log({ kind: 'embedding', tag: 'proxies', step: 0, table: { embeddings: new Float32Array(1), dim: 1, labels: ['a'] } })
}

describe('jsonLines', () => {
  it('writes scalars and texts, one a line, with numbers that are none as text', async () => {
    const trainer = toyTrainer([jsonLines({ file })])
    logAll(trainer)
    await trainer.train({ epochs: 1 })
    expect(text().split('\n').slice(0, 6)).toEqual([
      String.raw`{"kind":"scalar","tag":"a, \"b\"","step":0,"value":"NaN"}`,
      String.raw`{"kind":"scalar","tag":"a, \"b\"","step":0,"value":"Infinity"}`,
      String.raw`{"kind":"scalar","tag":"a, \"b\"","step":0,"value":"-Infinity"}`,
      String.raw`{"kind":"scalar","tag":"a, \"b\"","step":0,"value":1e-7}`,
      `{"kind":"missing","tag":"val/AMI","step":0,"reason":"One class."}`,
      String.raw`{"kind":"text","tag":"notes","step":0,"text":"two\nlines"}`,
    ])
    expect(entries().filter(({ tag }) => tag === 'train/loss').map(({ step }) => step)).toEqual([2, 4])
    expect(entries().some(({ tag }) => ['norms', 'picture', 'proxies'].includes(tag))).toBe(false)
  })
})

describe.each([
  ['jsonLines', jsonLines],
  ['csvFile', csvFile],
])('%s', (_, logger) => {
  it('may be there twice, by names', async () => {
    const other = join(folder, 'other')
    expect(() => toyTrainer([logger({ file }), logger({ file: other })])).toThrow(PluginError)
    const trainer = toyTrainer([logger({ file }), logger({ file: other, name: 'other' })])
    await trainer.train({ epochs: 1 })
    expect(readFileSync(other, 'utf8')).toBe(text())
    expect((await trainer.state())['plugins.other']).toMatchObject({ values: { bytes: Buffer.byteLength(text()) } })
    expect(() => logger({ file, name: '' })).toThrow('wanted `name` to be a name, got ""')
  })
})

describe('Two plugins that write one file', () => {
  it('are refused, whatever they are and however it is spelled', () => {
    const together = () => toyTrainer([jsonLines({ file }), csvFile({ file: join(folder, 'deep/../deep/run/log') })])
    expect(together).toThrow(OptionError)
    expect(together).toThrow(`jsonLines: wanted a \`file\` of its own, got ${file}, which csvFile writes as well.`)
    expect(existsSync(file)).toBe(false)
  })
})

describe('csvFile', () => {
  it('writes scalars under a header, empty where there is no value', async () => {
    const trainer = toyTrainer([csvFile({ file })])
    logAll(trainer)
    await trainer.train({ epochs: 1 })
    const lines = text().split('\n')
    expect(lines.slice(0, 6)).toEqual(['step,tag,value', '0,"a, ""b""",NaN', '0,"a, ""b""",Infinity', '0,"a, ""b""",-Infinity', '0,"a, ""b""",1e-7', '0,val/AMI,'])
    expect(lines[6]).toMatch(/^2,train\/loss,\d\.\d+$/)
    expect(lines.at(-1)).toBe('')
  })
})

describe.each([
  ['jsonLines', jsonLines],
  ['csvFile', csvFile],
])('%s', (_, logger) => {
  it('has every entry in the file when the hook returns', async () => {
    const seen: string[] = []
    const look = tapping('look', ({ hooks }) => {
      hooks.batchEnd.tap({ name: 'look' }, ({ step }) => {
        if (step === 2) seen.push(...text().split('\n').filter((line) => line.includes('rate/')))
      })
    })
    await toyTrainer([logger({ file }), look]).train({ epochs: 1 })
    expect(seen.map((line) => /rate\/[\w.]+/.exec(line)![0])).toEqual(['rate/trunk', 'rate/embedder', 'rate/losses.centre'])
  })

  it('replaces what an earlier run left, and goes on when training goes on', async () => {
    mkdirSync(join(folder, 'deep/run'), { recursive: true })
    writeFileSync(file, 'of another run\n')
    const trainer = toyTrainer([logger({ file })])
    await trainer.train({ epochs: 1 })
    const first = text()
    expect(first).not.toContain('of another run')
    await trainer.train({ epochs: 2 })
    expect(text().startsWith(first)).toBe(true)
    expect(text().split('\n').filter((line) => line.includes('train/loss') && !line.includes('centre'))).toHaveLength(4)
  })

  // Also where a run is saved at the last step of an epoch: before its evaluation, and after it.
  const moments = [...Array.from({ length: 2 * STEPS }, (_, i) => ['batchEnd', i + 1] as const), ['epochEnd', STEPS] as const]
  it.each(moments)('of a run resumed from %s at step %i is that of an uninterrupted one', async (hook, at) => {
    let state: RunState | undefined
    const save = tapping('save', ({ hooks }) => {
      hooks[hook].tapPromise({ name: 'save', stage: 'save' }, async ({ trainer, step }) => {
        if (step === at) state = kept(await trainer.state())
      })
    })
    const plugins = () => [toyTester('tester'), logger({ file })]
    // Never ended: what is behind the saved position was written by a run that was killed later.
    const killed = toyTrainer([...plugins(), save]).steps({ epochs: 3 })
    for (let step = 0; step < 2 * STEPS + 2; step++) await killed.next()
    const resumed = toyTrainer(plugins())
    await resumed.restore(state!)
    await resumed.train({ epochs: 3 })
    const lines = repeatable()

    await toyTrainer(plugins()).train({ epochs: 3 })
    expect(lines).toEqual(repeatable())
  })

  it('drops a line that was cut, and keeps what there is of a file that is shorter than it was', async () => {
    const first = toyTrainer([logger({ file })])
    await first.train({ epochs: 1 })
    const whole = text()
    const state = await first.state()
    const goOn = async (found: string) => {
      writeFileSync(file, found)
      const resumed = toyTrainer([logger({ file })])
      await resumed.restore(state)
      await resumed.train({ epochs: 1 })
      return text()
    }
    expect(await goOn(`${whole}8,train/lo`)).toBe(whole)
    expect(await goOn(whole.slice(0, -3))).toBe(whole.slice(0, whole.lastIndexOf('\n', whole.length - 2) + 1))
  })

  it('says which file it can not write, before the first step', async () => {
    writeFileSync(join(folder, 'deep'), '')
    const trainer = toyTrainer([logger({ file })])
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow(PluginError)
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow(`wanted to write ${file}, got E`)
    expect(trainer.step).toBe(0)
  })

  it.runIf(existsSync('/dev/full'))('says when the disk is full, and ends the run with it', async () => {
    const trainer = toyTrainer([logger({ file: '/dev/full' })])
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('wanted to write /dev/full, got ENOSPC')
  })

  it('refuses what is no file, and options that there are not', () => {
    expect(() => logger({ file: '' })).toThrow(OptionError)
    expect(() => logger({ file, append: true } as never)).toThrow('got `append`')
    expect(() => logger({ file }).restore({})).toThrow('wanted `bytes` of its file, got undefined')
  })
})

/** Tensors of a state are to be read before the next step. */
const kept = (state: RunState): RunState =>
  Object.fromEntries(
    Object.entries(state).map(([name, { values = {}, tensors = new Map<string, tf.Tensor>() }]) => [
      name,
      { values, tensors: new Map([...tensors].map(([key, tensor]) => [key, tf.clone(tensor)])) },
    ]),
  )
