import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, Random, type Dataset, type Module } from '@metric-learning/contracts'
import type { Plugin } from '@metric-learning/core'
import { describe } from 'vitest'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { describeError, expectRefused, expectRefusedLater, expectThat } from './expectations.js'
import { expectSetUp } from './expect-set-up.js'
import { LeftBehind } from './left-behind.js'
import { ToyRun } from './toy-run.js'

/** What {@link describeTester} checks. */
export const TESTER_CHECKS = {
  metrics: { title: 'gives the same metrics of its split by name, each a number', look: '`metrics` of what test() returns: `{ val: { precisionAt1: 0.5 } }`; NaN, or null, where there is no result.' },
  repeatable: { title: 'gives the same again of the same model', look: 'draws, which follow from a seed, and what judging keeps in fields.' },
  model: { title: 'goes by the model that it is given', look: 'whether embeddings are made anew in each test, and all of them looked at. A tester whose metrics say nothing of who is near whom skips this.' },
  run: { title: 'finds in a run what it finds alone', look: 'the tap of `evaluate`: it judges `trainer.embedding` as test() judges a model, and returns what it found with the name of the tester.' },
  progress: { title: 'says how far it is', look: '`report` of the context of `evaluate`: `done` goes up to `total` in each task.' },
  notFinite: { title: 'refuses embeddings that are not finite', look: 'what becomes of NaN: numbers that are made of it look like results.' },
  emptySplit: { title: 'refuses a split without samples, when it is made', look: 'the constructor: what is wrong with splits is said before training begins.' },
  leaks: { title: 'leaves no tensor and no file behind, also where a test fails', look: '`tf.tidy`, and what is freed in a `finally`; dispose() frees what a tester keeps from test to test.' },
  mistakes: { title: 'refuses mistakes with an error of this library', look: 'the constructor: `expectKnownOptions`, `expectNumber` and `expectOneOf` of contracts.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeTester}. */
export type TesterCheck = keyof typeof TESTER_CHECKS

/** What is tried: a plugin that also judges a model on its own. */
export interface Tester extends Plugin {
  test(model: { readonly trunk: Module; readonly embedder?: Module }): Promise<{ readonly metrics: Readonly<Record<string, Readonly<Record<string, number | null>>>> }>
  /** Frees what it keeps from test to test. */
  dispose(): void
}

/** How a tester is tried. */
export interface TesterConformance {
  /**
   * Makes a tester that judges the split `val`: 24 samples of 6 numbers, two views of each, in four classes of column `labels`, which are in two of column
   * `family`.
   */
  readonly create: (splits: { readonly val: Dataset }) => Tester
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<TesterCheck>
}

/**
 * Whether a tester keeps its contract, alone and in a run: it judges the model that it is given, finds the same again, refuses what can't be judged, says how
 * far it is, and leaves nothing behind. As a plugin it is tried by {@link describePlugin}.
 *
 * @example describeTester('FewShotTester', { create: (splits) => new FewShotTester({ splits, ways: 3 }) })
 */
export function describeTester(name: string, conformance: TesterConformance): void {
  expectKnownOptions('describeTester', conformance, ['create', 'mistakes', 'skip'])
  const { create, mistakes = {}, skip = {} } = conformance
  const check = checksOf('describeTester', TESTER_CHECKS, skip)

  describe(name, () => {
    const trying = async <T>(work: (tester: Tester) => Promise<T>, val = clusters()): Promise<T> => {
      expectSetUp(name)
      const tester = create({ val })
      try {
        return await work(tester)
      } finally {
        tester.dispose()
      }
    }
    const found = async (tester: Tester, trunk: Module) => (await tester.test({ trunk })).metrics['val'] ?? {}

    check('metrics', () => trying(async (tester) => {
      const [metrics, others] = [await found(tester, keepAll), await found(tester, keepNoise)]
      const fault = Object.entries(metrics).find(([, value]) => value !== null && typeof value !== 'number')
      const got = fault ? `${typeof fault[1]} as ${fault[0]}` : Object.keys(metrics).join(', ') || 'none'
      expectThat(!fault && Object.values(metrics).some(Number.isFinite), { what: '`metrics.val` of test()', wanted: 'numbers, one of them finite', got })
      expectThat(Object.keys(others).join() === Object.keys(metrics).join(), { what: 'names of the metrics of another model', wanted: got, got: Object.keys(others).join(', ') })
    }))

    check('repeatable', () => trying(async (tester) => {
      const [first, again] = [await found(tester, keepNoise), await found(tester, keepNoise)]
      expectMetrics('the metrics of a second test', again, first, 'in the first')
      const another = await trying((other) => found(other, keepNoise))
      expectMetrics('the metrics of a tester made alike', another, first, 'of the first')
    }))

    check('model', () => trying(async (tester) => {
      const [apart, mixed] = [await found(tester, keepAll), await found(tester, keepNoise)]
      const differ = Object.keys(apart).some((metric) => shown(apart[metric]) !== shown(mixed[metric]))
      expectThat(differ, { what: 'the metrics of a model that mixes classes up', wanted: 'others than those of one that tells them apart', got: JSON.stringify(mixed) })
    }))

    /** What a run hears of the tester before its first step. */
    const inRun = async () => {
      const heard = { metrics: [] as Readonly<Record<string, number | null>>[], progress: [] as { task: string; done: number; total: number }[] }
      let alone: Readonly<Record<string, number | null>> = {}
      await trying(async (tester) => {
        const listening: Plugin = {
          name: 'listening',
          apply: ({ hooks }) => {
            hooks.evalEnd.tap({ name: 'listening' }, ({ tester: of, metrics, epoch }) => {
              if (of === tester.name && epoch === 0) heard.metrics.push(metrics['val'] ?? {})
              return undefined
            })
            hooks.evalProgress.tap({ name: 'listening' }, ({ tester: of, task, done, total }) => {
              if (of === tester.name) heard.progress.push({ task, done, total })
              return undefined
            })
          },
        }
        const run = new ToyRun({ plugins: [listening, tester] })
        try {
          alone = await trying((other) => other.test(run.trainer.embedding)).then(({ metrics }) => metrics['val'] ?? {})
          await run.train(0)
        } finally {
          run.dispose()
        }
      })
      return { ...heard, alone }
    }

    check('run', async () => {
      const { metrics, alone } = await inRun()
      expectThat(metrics.length === 1, { what: 'evaluations before the first step', wanted: 'one, under its name', got: String(metrics.length) })
      expectMetrics('the metrics of an evaluation', metrics[0]!, alone, 'of test() with `trainer.embedding`')
    })

    check('progress', async () => {
      const { progress } = await inRun()
      const tasks = new Map<string, { done: number; total: number }[]>()
      for (const { task, ...reached } of progress) tasks.set(task, [...(tasks.get(task) ?? []), reached])
      expectThat(tasks.size > 0, { what: 'reports of an evaluation', wanted: 'at least one', got: 'none' })
      for (const [task, reached] of tasks) {
        const grows = reached.every(({ done }, i) => i === 0 || done > reached[i - 1]!.done) && reached.at(-1)!.done === reached.at(-1)!.total
        expectThat(grows, { what: `reports of "${task}"`, wanted: 'numbers that grow up to `total`', got: reached.map(({ done, total }) => `${done}/${total}`).join(', ') })
      }
    })

    check('notFinite', () => trying((tester) => expectRefusedLater('a model that gives NaN', () => tester.test({ trunk: diverged }))))

    check('emptySplit', () => {
      const none = { ...clusters(), labels: new Int32Array(), columns: { family: { labels: new Int32Array() } } }
      expectRefused('a split without samples', () => {
        create({ val: none })
      })
    })

    check('leaks', async () => {
      await trying((tester) => tester.test({ trunk: keepAll }))
      const [before, left] = [tf.memory().numTensors, new LeftBehind()]
      await trying((tester) => tester.test({ trunk: keepAll }))
      const unreadable: Dataset = { ...clusters(), load: () => Promise.reject(new Error(FAILURE)) }
      const error = await trying((tester) => tester.test({ trunk: keepAll }), unreadable).then(() => undefined, (thrown: unknown) => thrown)
      const isThat = error instanceof Error && error.message.includes(FAILURE)
      expectThat(isThat, { what: 'a test whose samples can not be loaded', wanted: `its error: ${FAILURE}`, got: error === undefined ? 'none' : describeError(error) })
      const more = tf.memory().numTensors - before
      expectThat(more === 0, { what: 'tensors after a test and one that failed, both disposed', wanted: 'as many as before', got: `${more} more` })
      left.expectNoFile('after a test and one that failed')
    })

    for (const [mistake, attempt] of Object.entries(mistakes)) check('mistakes', () => {
      expectRefused(mistake, attempt)
    }, { of: mistake })
  })
}

const FAILURE = 'samples that can not be read'

/** Points around one centre a class in their first four numbers; the last two are noise. Second views are the same, moved a little. */
function clusters(): Dataset {
  const random = new Random(17)
  const labels = Int32Array.from({ length: 24 }, (_, row) => row % 4)
  const rows = Array.from(labels, (label) => Array.from({ length: 6 }, (_, i) => (i === label ? 6 : 0) + random.normal()))
  return {
    name: 'clusters',
    labels,
    classNames: ['a', 'b', 'c', 'd'],
    columns: { family: { labels: labels.map((label) => label >> 1), classNames: ['ab', 'cd'] } },
    sampleShape: [6],
    views: 2,
    load: (of, at) => Promise.resolve({ values: Float32Array.from([...of].flatMap((row) => rows[row]!.map((value) => value + 0.1 * (at?.view ?? 0)))), shape: [of.length, 6] }),
  }
}

/** x → x · diag(weights), of the same size. */
const weighted = (name: string, weights: readonly number[]): Module => ({
  name,
  parameters: new Map(),
  buffers: new Map(),
  outputSize: 6,
  call: (x) => tf.mul(x, tf.tensor1d([...weights])),
  dispose: () => undefined,
})
const keepAll = weighted('keepAll', [1, 1, 1, 1, 1, 1])
const keepNoise = weighted('keepNoise', [0, 0, 0, 0, 1, 1])
const diverged = weighted('diverged', [NaN, 1, 1, 1, 1, 1])

const shown = (value: number | null | undefined): string => (value === null || value === undefined || Number.isNaN(value) ? 'none' : value.toPrecision(6))

function expectMetrics(what: string, actual: Readonly<Record<string, number | null>>, wanted: Readonly<Record<string, number | null>>, as: string): void {
  const other = [...new Set([...Object.keys(wanted), ...Object.keys(actual)])].find((metric) => shown(actual[metric]) !== shown(wanted[metric]))
  if (other === undefined) return
  expectThat(false, { what, wanted: `${other} ${shown(wanted[other])}, as ${as}`, got: shown(actual[other]) })
}
