import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FolderLock } from '@metric-learning/checkpoints'
import { OptionError, StateError } from '@metric-learning/contracts'
import type { RunRecord } from '@metric-learning/report'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { mountTmpfs } from '../../../../tools/test-support/mount-tmpfs.js'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { writeTables } from '../report/write-tables.js'
import { readResults, type ResultRow } from './results.js'
import { rerun } from './rerun.js'
import type { Trial } from '../search/search-method.js'
import { runExperiment } from './run-experiment.js'
import type { RunResult } from './train-run.js'

const sources = fileURLToPath(new URL('..', import.meta.url))
const toys = join(sources, 'toy-data.fixture.ts#toyData')

const sweep = {
  name: 'toys',
  backend: 'native-cpu',
  data: { [toys]: { classes: 16 } },
  trunk: { ConvNet: { width: 2, blocks: 2 } },
  embedder: { Embedder: { embeddingSize: 4 } },
  sampler: { MPerClassSampler: { m: 2, batchSize: 8 } },
  methods: {
    Triplet: { objectives: [{ loss: { TripletMarginLoss: { margin: { uniform: [0.01, 0.5] } } }, miner: 'MultiSimilarityMiner' }] },
    ArcFace: { objectives: [{ loss: 'ArcFaceLoss' }] },
  },
  epochs: 2,
  seeds: [1],
  checkpointEverySteps: 2,
  protocol: { folds: 2, search: { strategy: 'successiveHalving', trials: 3, factor: 2, minEpochs: 1, folds: 1 } },
}

const folderFor = () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweep-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
const checked = (configuration: object) => checkedExperiment(configuration, { who: 'test', folder: sources })
const quiet = () => undefined
const done = async (configuration: object, kind: 'run' | 'sweep', folder: string) => (await runExperiment(await checked(configuration), { kind, folder, command: 'test', say: quiet })).rows

/** What came out, without what it took. */
const outcome = (rows: readonly ResultRow[]) => rows.map(({ trainingSeconds: _, peakMemory: __, ...row }) => row)
const saved = (folder: string) => outcome(readFileSync(join(folder, 'results.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as ResultRow))

describe('A sweep', () => {
  let reference: ReturnType<typeof outcome>
  let place: string
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'sweep-'))
    reference = outcome(await done(sweep, 'sweep', place))
    return () => rmSync(place, { recursive: true })
  }, 300_000)

  it('judges each fold apart and all joined, beside trunks before training', () => {
    const of = (method: string, view: string) => reference.filter((row) => row.method === method && row.view === view)
    for (const method of ['Triplet', 'ArcFace', 'untrained trunk']) {
      expect(of(method, 'apart').map(({ seed, fold }) => [seed, fold])).toEqual([[1, 0], [1, 1]])
      expect(of(method, 'joined').map(({ seed }) => seed)).toEqual([1])
      for (const { metrics } of [...of(method, 'apart'), ...of(method, 'joined')]) expect(metrics['precisionAt1']).toBeGreaterThan(0)
    }
    expect(of('pretrained trunk', 'joined')).toEqual([expect.objectContaining({ metrics: {}, note: 'Its weights are drawn.' })])
    expect(saved(place)).toEqual(reference)
  })

  it('leaves all that it takes to do it again', () => {
    const run = join(place, 'runs', 'Triplet', 'seed-1', 'fold-1')
    expect(readdirSync(run).sort()).toEqual(['best-model', 'checkpoints', 'log.jsonl', 'record.json', 'result.json', 'run.json', 'test-embeddings.bin'])
    const { versions, machine, command, ...identity } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as Record<string, unknown>
    expect(Object.keys(versions as object)).toContain('TensorFlow.js')
    expect([typeof machine, command]).toEqual(['string', 'test'])
    expect(identity).toMatchObject({ method: 'Triplet', seed: 1, fold: 1, runSeed: 1001 })
    // 8 test classes of 8 samples, embeddings of 4 numbers.
    expect(readFileSync(join(run, 'test-embeddings.bin')).length).toBe(8 * 8 * 4 * 4)
  })

  it('does one of its runs again by itself, to the same result, also one whose values were searched', { timeout: 120_000 }, async () => {
    const run = join(place, 'runs', 'Triplet', 'seed-1', 'fold-1')
    const { folder, result } = await rerun(run, 'test', quiet)
    onTestFinished(() => rmSync(folder, { recursive: true }))
    expect(result.metrics).toEqual((JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')) as RunResult).metrics)
    expect(readFileSync(join(folder, 'test-embeddings.bin')).equals(readFileSync(join(run, 'test-embeddings.bin')))).toBe(true)
  })

  it('searches on validation folds alone, and trains with what it found', () => {
    const { best, trials } = JSON.parse(readFileSync(join(place, 'search', 'Triplet', 'trials.json'), 'utf8')) as { best: { values: Record<string, number>; trial: number }; trials: { trial: number; epochs: number; value: number }[] }
    expect(trials.map(({ epochs }) => epochs)).toEqual([1, 1, 1, 2])
    expect(trials.at(-1)!.trial).toBe(trials.slice(0, 3).reduce((most, trial) => (trial.value > most.value ? trial : most)).trial)
    const run = JSON.parse(readFileSync(join(place, 'runs', 'Triplet', 'seed-1', 'fold-0', 'run.json'), 'utf8')) as { configuration: typeof sweep }
    expect(run.configuration.methods.Triplet.objectives[0]!.loss.TripletMarginLoss.margin).toBe(Object.values(best.values)[0])
    expect(existsSync(join(place, 'search', 'Triplet', 'trial-0', 'fold-0', 'test-embeddings.bin'))).toBe(false)
    expect(existsSync(join(place, 'search', 'ArcFace'))).toBe(false)
  })

  it('writes tables that say how much was searched', async () => {
    const markdown = await writeTables(place, readResults(place)!, (await checked(sweep)).configuration)
    expect(markdown).toContain('successive halving, 3 trials from 1 epochs on, one in 2 goes on, up to 2 epochs, on 1 validation folds')
    expect(markdown).toContain('| untrained trunk |')
    expect(readFileSync(join(place, 'tables.tex'), 'utf8')).toContain('\\toprule')
  })

  it('goes on where it was killed, to the same result', { timeout: 300_000 }, async () => {
    const folder = folderFor()
    writeFileSync(join(folder, 'sweep.json'), JSON.stringify(sweep))
    const command = ['--conditions', '@metric-learning/source', '--import', 'tsx', join(sources, '../../metric-learning/src/cli/metric-learning.ts'), 'sweep', join(folder, 'sweep.json'), '--output', join(folder, 'out')]
    const killed = spawn(process.execPath, command, { stdio: 'ignore' })
    const middle = join(folder, 'out', 'runs', 'ArcFace', 'seed-1', 'fold-1', 'checkpoints')
    while (!existsSync(middle) || readdirSync(middle).filter((name) => name.startsWith('checkpoint-')).length === 0) {
      expect(killed.exitCode).toBe(null)
      await wait(5)
    }
    const ended = new Promise((resolve) => killed.on('exit', (_, signal) => resolve(signal)))
    killed.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    expect(existsSync(join(folder, 'out', 'results.jsonl'))).toBe(false)
    await done(sweep, 'sweep', join(folder, 'out'))
    expect(saved(join(folder, 'out'))).toEqual(reference)
  })

  it('judges the test set again when a fold was trained again, and only then', { timeout: 120_000 }, async () => {
    const folder = folderFor()
    cpSync(place, folder, { recursive: true })
    const repeat = join(folder, 'runs', 'ArcFace', 'seed-1')
    const judged = readFileSync(join(repeat, 'test.json'), 'utf8')
    writeFileSync(join(repeat, 'test.json'), judged.replaceAll(/"precisionAt1":[\d.]+/g, '"precisionAt1":0.123'))
    const joined = async () => outcome(await done(sweep, 'sweep', folder)).find(({ method, view }) => method === 'ArcFace' && view === 'joined')!.metrics['precisionAt1']
    expect(await joined()).toBe(0.123)
    rmSync(join(repeat, 'fold-1'), { recursive: true })
    expect(await joined()).toBe(reference.find(({ method, view }) => method === 'ArcFace' && view === 'joined')!.metrics['precisionAt1'])
  })

  it('knows what trials came to with fewer epochs where the one that went on broke, and takes the best of the others', { timeout: 120_000 }, async () => {
    const folder = folderFor()
    cpSync(place, folder, { recursive: true })
    const search = join(folder, 'search', 'Triplet')
    const read = () => JSON.parse(readFileSync(join(search, 'trials.json'), 'utf8')) as { best: Trial; trials: readonly Trial[] }
    const before = read()
    const trial = join(search, `trial-${before.best.trial}`)
    const result = join(trial, 'fold-0', 'result.json')
    writeFileSync(result, JSON.stringify({ ...(JSON.parse(readFileSync(result, 'utf8')) as RunResult), status: 'broken', metrics: {} }))
    for (const name of ['epochs-2.json', '../trials.json']) rmSync(join(trial, name))
    await done(sweep, 'sweep', folder)
    const { best, trials } = read()
    expect(trials).toEqual([...before.trials.slice(0, 3), { ...before.trials[3], value: null }])
    const others = trials.slice(0, 3).filter((one) => one.trial !== before.best.trial)
    expect(best).toEqual(others.reduce((most, one) => (one.value! > most.value! ? one : most)))
  })

  it('is trained by several processes, stops with them, and goes on to the same result', { timeout: 300_000 }, async () => {
    const folder = folderFor()
    writeFileSync(join(folder, 'sweep.json'), JSON.stringify(sweep))
    const command = ['--conditions', '@metric-learning/source', '--import', 'tsx', join(sources, '../../metric-learning/src/cli/metric-learning.ts'), 'sweep', join(folder, 'sweep.json'), '--output', join(folder, 'out'), '--jobs', '2']
    const begun = () => {
      const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] })
      let text = ''
      child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part))
      return { child, ended: new Promise<{ code: number | null; text: string }>((resolve) => child.on('close', (code) => resolve({ code, text }))) }
    }
    const first = begun()
    const checkpoints = () => existsSync(join(folder, 'out', 'runs')) && readdirSync(join(folder, 'out', 'runs'), { recursive: true, encoding: 'utf8' }).some((path) => /checkpoint-[^/]*$/.test(path))
    while (!checkpoints()) {
      expect(first.child.exitCode).toBe(null)
      await wait(5)
    }
    first.child.kill('SIGTERM')
    const stopped = await first.ended
    expect([stopped.code, stopped.text]).toEqual([143, expect.stringContaining('Stopped. The same command goes on where it was.') as string])
    expect(existsSync(join(folder, 'out', 'results.jsonl'))).toBe(false)
    expect((await begun().ended).code).toBe(0)
    expect(saved(join(folder, 'out'))).toEqual(reference)
  })

  it('loses nothing where the disk fills up', { timeout: 300_000 }, async () => {
    const folder = folderFor()
    const disk = mountTmpfs(folder, 'size=600k')
    if (typeof disk === 'string') {
      console.warn(disk)
      return
    }
    onTestFinished(() => disk.unmount())
    const out = join(folder, 'out')
    mkdirSync(out)
    await expect(done(sweep, 'sweep', out)).rejects.toThrow(/ENOSPC|no space/i)
    const before = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('result.json'))
    expect(before.length).toBeGreaterThan(0)
    disk.remount('size=64m')
    await done(sweep, 'sweep', out)
    expect(saved(out)).toEqual(reference)
  })

  it('is refused in a folder in which another one works, or was begun', async () => {
    const folder = folderFor()
    const lock = new FolderLock('test', folder, quiet)
    await lock.take()
    const error = await done(sweep, 'sweep', folder).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StateError)
    expect((error as Error).message).toMatch(/for one experiment at a time, got another one.*--output/)
    await lock.release()
    // Its data as they are named are the same, and of other samples.
    const file = join(place, 'experiment.json')
    const began = readFileSync(file, 'utf8')
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(began) as object), data: 'of others' }))
    await expect(done(sweep, 'sweep', place)).rejects.toThrow(/wanted the data that the experiment in .* began with, got other classes or samples\./)
    writeFileSync(file, began)
    const other = await done({ ...sweep, epochs: 3 }, 'sweep', place).catch((reason: unknown) => reason)
    expect(other).toBeInstanceOf(OptionError)
    expect((other as Error).message).toContain('one with another `epochs`')
  })
})

describe('A run', () => {
  const { protocol: _, methods, ...rest } = sweep
  const run = { ...rest, seeds: [0], methods: { ArcFace: methods.ArcFace, Broken: { objectives: [{ loss: 'TripletMarginLoss' }], optimizers: { trunk: { SGD: { learningRate: 1e30 } } } } } }

  it('trains each method on one split, and calls what broke broken', async () => {
    const folder = folderFor()
    const rows = await done(run, 'run', folder)
    expect(rows.map(({ method, view }) => `${method} ${view}`)).toEqual(['untrained trunk run', 'pretrained trunk run', 'ArcFace run', 'Broken run'])
    expect(rows[2]).toMatchObject({ epoch: 2, metrics: { precisionAt1: expect.any(Number) as number } })
    expect(rows[3]!.note).toMatch(/broke/)
    const again = await rerun(join(folder, 'runs', 'ArcFace', 'seed-0'), 'test', quiet)
    expect(again.folder).toBe(join(folder, 'runs', 'ArcFace', 'seed-0-2'))
    expect(again.result.metrics).toEqual(rows[2]!.metrics)
  })

  it('judges trunks before training as its tester judges runs', async () => {
    const folder = folderFor()
    const judged = async (options: object) => {
      const own = join(folder, Object.keys(options).join('-') || 'plain')
      const rows = await done({ ...run, embedder: null, testers: [{ GlobalEmbeddingSpaceTester: options }], methods: { ArcFace: methods.ArcFace }, epochs: 1 }, 'run', own)
      const { evaluations } = JSON.parse(readFileSync(join(own, 'runs', 'ArcFace', 'seed-0', 'record.json'), 'utf8')) as RunRecord
      return { row: rows[0]!, untrained: evaluations[0]!.metrics['heldOut']! }
    }
    const [plain, few] = [await judged({}), await judged({ pca: 1 })]
    for (const { row, untrained } of [plain, few]) expect(row.metrics).toEqual(untrained)
    expect(few.row.metrics).not.toEqual(plain.row.metrics)
  })

  it("takes the smaller values for the better ones where a metric of one's own says so, for epochs, trials and tables", { timeout: 300_000 }, async () => {
    const own = { metric: 'errorAt1', testers: [{ GlobalEmbeddingSpaceTester: { accuracyCalculator: { AccuracyCalculator: { include: ['precisionAt1', 'errorAt1'], metrics: [`${toys.replace('toyData', 'errorAt1')}`] } } } }] }
    // Rates of which one destroys what the trunk begins with, so that epochs and trials differ.
    const rates = { objectives: [{ loss: 'ContrastiveLoss' }], optimizers: { trunk: { SGD: { learningRate: { choice: [1e-6, 50] } } }, embedder: { SGD: { learningRate: { choice: [1e-6, 50] } } } } }
    const folder = folderFor()
    await done({ ...sweep, ...own, methods: { Rates: rates }, protocol: { folds: 2, search: { strategy: 'random', trials: 6, folds: 1 } } }, 'sweep', folder)
    const { best, trials } = JSON.parse(readFileSync(join(folder, 'search', 'Rates', 'trials.json'), 'utf8')) as { best: Trial; trials: Trial[] }
    const values = trials.flatMap(({ value }) => value ?? [])
    expect(Math.max(...values)).toBeGreaterThan(Math.min(...values))
    expect([best.value, best.better]).toEqual([Math.min(...values), 'smaller'])
    for (const { trial } of trials) {
      const place = join(folder, 'search', 'Rates', `trial-${trial}`, 'fold-0')
      const { metrics } = JSON.parse(readFileSync(join(place, 'result.json'), 'utf8')) as RunResult
      const { evaluations } = JSON.parse(readFileSync(join(place, 'record.json'), 'utf8')) as RunRecord
      expect(metrics['errorAt1']).toBe(Math.min(...evaluations.filter(({ epoch }) => epoch > 0).map((evaluation) => evaluation.metrics['heldOut']!['errorAt1']!)))
    }
    expect(readResults(folder)!.metrics['errorAt1']).toMatchObject({ label: 'error@1', better: 'smaller' })
    expect(await writeTables(folder, readResults(folder)!, (await checked(sweep)).configuration)).toContain('| error@1 ↓ |')
    rmSync(join(folder, 'metrics.json'))
    expect(() => readResults(folder)).toThrow(/metrics\.json.*which says which values are the better ones.*delete/)
  })

  it('goes on where it was killed, by the name of its folder, to the same result', { timeout: 300_000 }, async () => {
    const folder = folderFor()
    const one = { ...run, methods: { ArcFace: methods.ArcFace }, tensorBoard: false }
    const whole = outcome(await done(one, 'run', join(folder, 'whole')))
    writeFileSync(join(folder, 'run.json'), JSON.stringify(one))
    const command = (...args: readonly string[]) => spawn(process.execPath, ['--conditions', '@metric-learning/source', '--import', 'tsx', join(sources, '../../metric-learning/src/cli/metric-learning.ts'), 'run', ...args], { stdio: 'ignore' })
    const out = join(folder, 'out')
    const killed = command(join(folder, 'run.json'), '--output', out)
    const middle = join(out, 'runs', 'ArcFace', 'seed-0', 'checkpoints')
    while (!existsSync(middle) || !readdirSync(middle).some((name) => name.startsWith('checkpoint-'))) {
      expect(killed.exitCode).toBe(null)
      await wait(5)
    }
    const ended = new Promise((resolve) => killed.on('exit', (_, signal) => resolve(signal)))
    killed.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    expect(existsSync(join(out, 'results.jsonl'))).toBe(false)
    expect(await new Promise((resolve) => command(out).on('exit', resolve))).toBe(0)
    expect(saved(out)).toEqual(whole)
  })

  it('says before anything is trained what a method refuses', async () => {
    const folder = folderFor()
    await expect(done({ ...run, methods: { ...run.methods, Bad: { objectives: [{ loss: { TripletMarginLoss: { margin: 'wide' } } }] } } }, 'run', folder)).rejects.toThrow('methods.Bad.objectives.0.loss.TripletMarginLoss')
    // What was refused has no claim on the folder.
    expect(readdirSync(folder)).toEqual([])
  })

  it('is told from a sweep', async () => {
    await expect(done(sweep, 'run', folderFor())).rejects.toThrow('Take `metric-learning sweep`')
    await expect(done(run, 'sweep', folderFor())).rejects.toThrow('Add protocol')
  })
})
