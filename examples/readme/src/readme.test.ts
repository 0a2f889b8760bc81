import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execFileSync, spawnSync } from 'node:child_process'
import type { LogEntry, Plugin, Trainer } from '@metric-learning/core'
import { afterAll, describe, expect, it } from 'vitest'
import { snippetsOf } from './snippets.js'

const root = new URL('../../../', import.meta.url).pathname
const snippetsIn = (page: string) => snippetsOf(readFileSync(join(root, page), 'utf8'))
const snippets = snippetsIn('README.md')
// Inside the package, so that its imports resolve.
const folder = mkdtempSync(join(root, 'examples/readme/.snippets-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** As `npm run try` does, called in `cwd`. */
const tried = (file: string, cwd = folder) =>
  spawnSync(process.execPath, ['tools/try.mjs', file], { cwd: root, encoding: 'utf8', env: { ...process.env, INIT_CWD: cwd } })

/** Runs a snippet as a program of its own and returns what it printed. */
function run(name: string, code: string): string {
  const file = join(folder, `${name}.mts`)
  writeFileSync(file, code)
  const args = ['--import', 'tsx', '--conditions', '@metric-learning/source', file]
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
}

/** Shortens the run: fewer drawings, one epoch. */
function shortened(code: string): string {
  const short = code
    .replace("quickDraw({ split: 'train' })", "quickDraw({ split: 'train', samplesPerClass: 4 })")
    .replace("quickDraw({ split: 'test' })", "quickDraw({ split: 'test', samplesPerClass: 3 })")
    .replace('samplesPerClass: 40', 'samplesPerClass: 4')
    .replace(/epochs: [35]/, 'epochs: 1')
  expect(short).not.toBe(code)
  return short
}

describe('the code of the README', () => {
  it('has four snippets', () => {
    expect(snippets.length).toBe(4)
  })

  it('trains, tests and logs in a screenful', () => {
    writeFileSync(join(folder, 'first.ts'), shortened(snippets[0]!))
    const { stdout, stderr, status } = tried('first.ts')
    expect(stdout, stderr).toMatch(/epoch: [01]/)
    expect(status).toBe(0)
  })

  it('trains the same parts by another scheme', () => {
    const [parts] = snippets[0]!.split('const trainer =')
    const printed = run('scheme', shortened(`${parts!}${snippets[1]!}await trainer.train({ epochs: 5 })\nconsole.log(tester.best, [...trainer.optimizers.keys()])`))
    expect(printed).toMatch(/epoch: [01]/)
    expect(printed).toContain("'classifier'")
  })

  it('uses a loss without the trainer', () => {
    const printed = run('loss', `${snippets[2]!}\nconsole.log(loss.compute(tf.matMul(samples, weights as tf.Tensor2D), labels).dataSync()[0]! < 0.1)`)
    expect(printed).toContain('true')
  })

  it('writes a plugin that clips gradients', async () => {
    writeFileSync(join(folder, 'plugin.mts'), snippets[3]!)
    const { clipGradients } = (await import(pathToFileURL(join(folder, 'plugin.mts')).href)) as {
      clipGradients: (limit: number) => { name: string; apply: (trainer: unknown) => void }
    }
    const tf = await import('@tensorflow/tfjs-core')
    let tap: (context: object) => { gradients: Map<string, { dataSync(): Float32Array }> } = () => ({ gradients: new Map() })
    const gradients = { tap: (_options: object, callback: typeof tap) => (tap = callback) }
    clipGradients(0.5).apply({ hooks: { gradients } })
    const clipped = tap({ gradients: new Map([['w', tf.tensor1d([-3, 0.1, 2])]]) }).gradients.get('w')!
    expect([...clipped.dataSync()]).toEqual([-0.5, Math.fround(0.1), 0.5])
  })
})

describe('npm run try', () => {
  it('says which file is not there, and which one would find no packages', () => {
    const none = tried('none.ts')
    expect([none.status, none.stderr]).toEqual([1, `try: no file ${join(folder, 'none.ts')}\n`])
    const outside = mkdtempSync(join(tmpdir(), 'outside-'))
    writeFileSync(join(outside, 'first.ts'), '')
    const { status, stderr } = tried('first.ts', outside)
    rmSync(outside, { recursive: true })
    expect(status).toBe(1)
    expect(stderr).toContain(`${join(outside, 'first.ts')} is outside the checkout`)
  })
})

describe('the code of plugins/schemes', () => {
  it('trains by a scheme of one’s own', () => {
    const printed = run('views', shortened(snippetsIn('plugins/schemes/README.md')[1]!))
    expect(printed).toMatch(/epoch: [01]/)
  })
})

describe('the code of docs/exchange.md', () => {
  it('clips the norm over all gradients', async () => {
    writeFileSync(join(folder, 'clip.mts'), snippetsIn('docs/exchange.md')[0]!)
    const { clipNorm } = (await import(pathToFileURL(join(folder, 'clip.mts')).href)) as { clipNorm: (limit: number) => Plugin }
    const tf = await import('@tensorflow/tfjs-core')
    let tap: (context: object) => void = () => undefined
    const hooks = { exchange: { tap: (_options: object, callback: typeof tap) => (tap = callback) } }
    clipNorm(1).apply({ hooks } as unknown as Trainer)
    const gradients = new Map([['trunk.weight', tf.tensor1d([3, 0])], ['embedder.weight', tf.tensor1d([-4])]])
    const before = tf.memory().numTensors
    let clipped: typeof gradients = new Map()
    tap({ gradients, replace: (others: typeof gradients) => (clipped = others) })
    const numbers = [...clipped.values()].flatMap((gradient) => [...gradient.dataSync()])
    numbers.forEach((value, i) => expect(value).toBeCloseTo([0.6, 0, -0.8][i]!, 5))
    expect(tf.memory().numTensors - before).toBe(2)
    // Where all of an update is frozen.
    tap({ gradients: new Map(), replace: (others: typeof gradients) => (clipped = others) })
    expect(clipped.size).toBe(0)
  })
})

describe('the code of docs/large-batches.md', () => {
  it('trains in chunks', () => {
    expect(run('chunks', shortened(snippetsIn('docs/large-batches.md')[0]!))).toMatch(/epoch: [01]/)
  })
})

describe('the code of docs/own-loop.md', () => {
  const [steps, parts] = snippetsIn('docs/own-loop.md')

  it('loops over the steps of the trainer', () => {
    expect(run('steps', shortened(steps!).replace('step % 20', 'step % 5'))).toMatch(/^epoch: 1, step 5, loss \d/m)
  })

  it('trains and judges with the parts alone', () => {
    expect(run('parts', shortened(parts!).replace('batch < 100', 'batch < 3'))).toMatch(/^precision: 0\.\d+$/m)
  })
})

describe('the code of docs/logging.md', () => {
  it('writes scalars as lines', async () => {
    const [snippet] = snippetsIn('docs/logging.md')
    writeFileSync(join(folder, 'logger.mts'), snippet!)
    const { scalarLines } = (await import(pathToFileURL(join(folder, 'logger.mts')).href)) as { scalarLines: (file: string) => Plugin }
    let send: (entry: LogEntry) => void = () => undefined
    const hooks = { log: { tap: (_options: object, callback: typeof send) => (send = callback) } }
    const file = join(folder, 'log.jsonl')
    scalarLines(file).apply({ hooks } as unknown as Trainer)
    send({ kind: 'scalar', tag: 'train/loss', step: 20, value: 0.5 })
    send({ kind: 'text', tag: 'notes', step: 20, text: 'x' })
    expect(readFileSync(file, 'utf8')).toBe('{"kind":"scalar","tag":"train/loss","step":20,"value":0.5}\n')
  })
})
