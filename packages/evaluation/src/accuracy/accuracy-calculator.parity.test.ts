import { readFileSync } from 'node:fs'
import { MetricLearningError, type LabelComparison } from '@metric-learning/contracts'
import { CosineSimilarity, DotProductSimilarity, LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { ExactNeighbourIndex } from '../neighbours/exact-neighbour-index.js'
import { AccuracyCalculator } from './accuracy-calculator.js'
import type { AccuracyCalculatorOptions, AccuracyRequest } from './accuracy-options.js'
import type { EvaluationLabels } from './evaluation-labels.js'
import type { MetricName } from '../metrics/metric-name.js'

type Value = number | 'NaN' | 'Infinity' | '-Infinity'

interface Dump {
  readonly shape: [number, number]
  readonly data: Value[]
}

interface Ref {
  readonly $ref: string
}

interface Description {
  readonly class: string
  readonly args: { readonly p?: number; readonly metric?: string; readonly distance?: Description }
}

interface Inputs {
  readonly query: Ref
  readonly query_labels: EvaluationLabels
  readonly reference?: Ref
  readonly reference_labels?: EvaluationLabels
  readonly ref_includes_query?: boolean
  readonly cluster_labels?: number[]
  readonly k?: number
  readonly include?: string[]
  readonly exclude?: string[]
}

interface CalculatorArguments {
  readonly include?: string[]
  readonly exclude?: string[]
  readonly k?: number | 'max_bin_count' | null
  readonly avg_of_avgs?: boolean
  readonly return_per_class?: boolean
  readonly label_comparison_fn?: keyof typeof COMPARISONS
  readonly knn_func?: Description | null
}

interface Case {
  readonly id: string
  readonly class: string
  readonly args: CalculatorArguments & Description['args']
  readonly tags: string[]
  readonly inputs: Inputs
  readonly expected: {
    readonly metrics?: Record<string, Value | Dump>
    readonly distances?: Dump
    readonly indices?: number[][]
    readonly error?: { readonly type: string }
  }
  readonly tol: { readonly rtol: number; readonly value_atol: number }
}

/** What PyTorch Metric Learning 2.9.0 gives. */
const { tensors, cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/accuracy.json', import.meta.url), 'utf8'),
) as { tensors: Record<string, Dump>; cases: Case[] }

const COMPARISONS = {
  all_equal: (a, b) => a.every((value, i) => value === b[i]),
  first_equal_second_differs: (a, b) => a[0] === b[0] && a[1] !== b[1],
} satisfies Record<string, LabelComparison>

/** Quirks of PyTorch Metric Learning that are mended here, with the right metrics and the reason. */
const MENDED: Readonly<Record<string, { readonly reason: string; readonly metrics: Readonly<Record<string, number>> }>> = {
  'accuracy/include_mrr_alone': {
    reason: 'mean reciprocal rank needs neighbours; the value is that of accuracy/k_None/self/plain',
    metrics: { mean_reciprocal_rank: 0.691815555 },
  },
  'accuracy/k_larger_than_reference': {
    reason: 'k is cut to what exists; the values are those of accuracy/k_None/ref/plain',
    metrics: {
      mean_average_precision: 0.638480807,
      mean_average_precision_at_r: 0.435208333,
      mean_reciprocal_rank: 0.746874988,
      precision_at_1: 0.5625,
      r_precision: 0.55,
    },
  },
  'accuracy/labels_2d/first_equal_second_differs': {
    reason: 'a row that does not match itself takes no match away; values by fixtures/first_equal_second_differs.py',
    metrics: {
      mean_average_precision: 0.5612695637695638,
      mean_average_precision_at_r: 0.3744230769230769,
      mean_reciprocal_rank: 0.5776556776556777,
      precision_at_1: 0.38461538461538464,
      r_precision: 0.3961538461538462,
    },
  },
}

const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
const metricNames = (names: string[]) => names.map((name) => camelCase(name) as MetricName)

function matrix({ $ref }: Ref) {
  const { shape, data } = tensors[$ref]!
  return { embeddings: Float32Array.from(data, Number), dim: shape[1] }
}

const DISTANCES: Readonly<Record<string, (p: number) => CosineSimilarity | LpDistance>> = {
  CosineSimilarity: () => new CosineSimilarity(),
  LpDistance: (p) => new LpDistance({ p }),
}

/** FaissKNN searches by L2 or by inner product (IP), CustomKNN by a distance. */
function index({ args }: Pick<Description, 'args'>): ExactNeighbourIndex {
  if (args.metric === 'IP') return new ExactNeighbourIndex({ distance: new DotProductSimilarity({ normalizeEmbeddings: false }) })
  if (!args.distance) return new ExactNeighbourIndex()
  const { class: name, args: { p = 2 } } = args.distance
  return new ExactNeighbourIndex({ distance: DISTANCES[name]!(p) })
}

function calculator({ args, inputs }: Case): AccuracyCalculator {
  const { cluster_labels: clusters } = inputs
  return new AccuracyCalculator({
    ...(args.include && { include: metricNames(args.include) }),
    ...(args.exclude && { exclude: metricNames(args.exclude) }),
    ...(args.avg_of_avgs && { avgOfAvgs: true }),
    ...(args.return_per_class && { returnPerClass: true }),
    // JSON has null for what is left out.
    ...(args.k != null && { k: args.k }),
    ...(args.label_comparison_fn && { labelComparison: COMPARISONS[args.label_comparison_fn] }),
    ...(args.knn_func && { createIndex: () => index(args.knn_func!) }),
    ...(clusters && { kmeans: { cluster: () => Promise.resolve(Int32Array.from(clusters)) } }),
  } satisfies AccuracyCalculatorOptions)
}

function request({ inputs }: Case): AccuracyRequest {
  return {
    query: matrix(inputs.query),
    queryLabels: inputs.query_labels,
    ...(inputs.reference && { reference: matrix(inputs.reference) }),
    ...(inputs.reference_labels && { referenceLabels: inputs.reference_labels }),
    ...(inputs.ref_includes_query !== undefined && { refIncludesQuery: inputs.ref_includes_query }),
    ...(inputs.include && { include: metricNames(inputs.include) }),
    ...(inputs.exclude && { exclude: metricNames(inputs.exclude) }),
  }
}

const run = async (one: Case) => calculator(one).getAccuracy(request(one))

/** NaN there is null here. */
function expectClose(what: string, given: number | null, wanted: Value, { rtol, value_atol }: Case['tol']) {
  const target = Number(wanted)
  const actual = given ?? NaN
  const close = Object.is(actual, target) || Math.abs(actual - target) <= value_atol + rtol * Math.abs(target)
  expect(close, `${what}: ${actual} instead of ${target}`).toBe(true)
}

const has = (one: Case, tag: string) => one.tags.includes(tag)
const mended = cases.filter(({ id }) => id in MENDED)
const faithful = cases.filter(({ id }) => !(id in MENDED))
const judged = faithful.filter((one) => one.class === 'AccuracyCalculator' && !has(one, 'error'))
const refused = faithful.filter((one) => has(one, 'error'))
const searched = faithful.filter((one) => one.class !== 'AccuracyCalculator')

describe('AccuracyCalculator against PyTorch Metric Learning 2.9.0', () => {
  it('runs every case once', () => {
    expect(judged.length + refused.length + searched.length + mended.length).toBe(cases.length)
    expect(mended.map(({ id }) => id).sort()).toEqual(cases.filter((one) => has(one, 'quirk')).map(({ id }) => id).sort())
  })

  it.each(judged)('$id', async (one) => {
    const { metrics, perClass } = await run(one)
    const wanted = Object.entries(one.expected.metrics!)
    expect(Object.keys(perClass?.metrics ?? metrics).sort()).toEqual(wanted.map(([name]) => camelCase(name)).sort())
    for (const [name, value] of wanted) {
      const metric = camelCase(name)
      if (typeof value !== 'object') expectClose(metric, metrics[metric as MetricName]!, value, one.tol)
      else {
        const actual = perClass!.metrics[metric as keyof NonNullable<typeof perClass>['metrics']]!
        expect(actual).toHaveLength(value.data.length)
        value.data.forEach((entry, i) => {
          expectClose(`${metric}[${i}]`, actual[i]!, entry, one.tol)
        })
      }
    }
  })

  it.each(refused)('$id throws a typed error', async (one) => {
    await expect((async () => run(one))()).rejects.toThrow(MetricLearningError)
  })

  it.each(searched)('$id', async (one) => {
    const { query, reference, k, ref_includes_query: refIncludesQuery } = one.inputs
    const searched = index(one)
    const ids = await searched.add(matrix(reference!))
    const { embeddings, dim } = matrix(query)
    const { value: found } = await searched.search({ query: matrix(query), k: k!, ...(refIncludesQuery && { ids: ids.subarray(0, embeddings.length / dim) }) }).next()
    expect(Array.from(found.ids as Int32Array)).toEqual(one.expected.indices!.flat())
    one.expected.distances!.data.forEach((wanted, i) => {
      expectClose(`distance ${i}`, found.distances[i], wanted, one.tol)
    })
  })

  it.each(mended)('$id, mended', async (one) => {
    const { reason, metrics: wanted } = MENDED[one.id]!
    const { metrics } = await run(one)
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(wanted).map(camelCase).sort())
    for (const [name, value] of Object.entries(wanted)) {
      expectClose(`${name} (${reason})`, metrics[camelCase(name) as MetricName]!, value, { rtol: 1e-6, value_atol: 1e-6 })
    }
  })
})
