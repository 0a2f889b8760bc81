import { neighbourMetrics } from './accuracy-oracle.js'
import { camelCase, construct, type Registry } from './construct.js'
import { expectAll, expectClose, expectEqual } from './expect-close.js'
import { goldenNumber, isGoldenObject, type GoldenCase, type GoldenObject, type GoldenTensor } from './golden-case.js'

type Metrics = Readonly<Record<string, number | null | readonly (number | null)[]>>
type LabelRow = ArrayLike<number>

interface Calculator {
  getAccuracy(request: object): Promise<{ metrics: Metrics; perClass?: { metrics: Metrics } }>
}

interface Index {
  add(embeddings: object): Promise<Int32Array>
  search(request: object): AsyncIterable<{ ids: ArrayLike<number>; distances: ArrayLike<number> }>
}

const comparisons: Readonly<Record<string, (a: LabelRow, b: LabelRow) => boolean>> = {
  all_equal: (a, b) => Array.from(a).every((value, i) => value === b[i]),
  first_equal_second_differs: (a, b) => a[0] === b[0] && a[1] !== b[1],
}

const quirks: readonly { readonly applies: (of: GoldenCase) => boolean; readonly why: string }[] = [
  {
    applies: ({ args, expected }) => expected.error !== undefined && String(args.include) === 'mean_reciprocal_rank',
    why: 'PyTorch Metric Learning forgets that the mean reciprocal rank needs neighbours',
  },
  {
    applies: ({ args }) => args.label_comparison_fn === 'first_equal_second_differs',
    why: 'PyTorch Metric Learning takes a match away for a row that does not match itself',
  },
  {
    applies: (of) => !of.expected.error && typeof of.args.k === 'number' && of.args.k > availableNeighbours(of),
    why: 'PyTorch Metric Learning reads the label of the last reference for neighbours that do not exist',
  },
]

/** Why PyTorch Metric Learning is wrong about a case; metrics are compared with full sorting then. */
export function fixedAccuracy(of: GoldenCase): string | undefined {
  return of.tags.includes('quirk') ? quirks.find(({ applies }) => applies(of))?.why : undefined
}

/** Classes that a case needs, PyTorch Metric Learning's search classes among ours. */
export const accuracyClass = (of: GoldenCase): string => (of.class === 'AccuracyCalculator' ? of.class : 'ExactNeighbourIndex')

/** Checks the metrics of an evaluation, or a search for nearest neighbours. */
export async function checkAccuracy(of: GoldenCase, registry: Registry): Promise<void> {
  if (of.class !== 'AccuracyCalculator') return checkSearch(of, registry)
  const calculator = new registry[of.class]!(calculatorOptions(of, registry) as never) as Calculator
  const { metrics, perClass } = await calculator.getAccuracy(request(of))
  const expected = fixedAccuracy(of) ? rightMetrics(of) : (of.expected.metrics as Record<string, unknown> | undefined)
  const actual = perClass?.metrics ?? metrics
  expectEqual('metrics', Object.keys(actual).sort(), expected && Object.keys(expected).map(camelCase).sort(), of)
  expectAll(Object.entries(expected!).map(([name, value]) => () => expectClose(name, withNaN(actual[camelCase(name)]!), value, of, 'value')))
}

/** What has no value is NaN there, and null here. */
const withNaN = (value: Metrics[string]): number | number[] => (typeof value === 'object' && value !== null ? value.map((one) => one ?? NaN) : (value ?? NaN))

async function checkSearch(of: GoldenCase, registry: Registry): Promise<void> {
  const { query, reference, k, ref_includes_query: refIncludesQuery = false } = of.inputs
  const index = neighbourIndex({ class: of.class!, args: of.args }, registry)
  const ids = await index.add(matrix(reference ?? query))
  const [found] = await tilesOf(index.search({ query: matrix(query), k, ...(refIncludesQuery ? { ids: ids.subarray(0, rows(query).length) } : {}) }))
  expectEqual('indices', Array.from(found!.ids), (of.expected.indices as number[][]).flat(), of)
  expectClose('distances', found!.distances, of.expected.distances, of, 'value')
}

async function tilesOf<T>(tiles: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const tile of tiles) all.push(tile)
  return all
}

function calculatorOptions({ args, inputs }: GoldenCase, registry: Registry): Record<string, unknown> {
  const { include, exclude, k, avg_of_avgs, return_per_class, label_comparison_fn, knn_func } = args
  const clusters = inputs.cluster_labels as number[] | undefined
  return {
    ...(include ? { include: (include as string[]).map(camelCase) } : {}),
    ...(exclude ? { exclude: (exclude as string[]).map(camelCase) } : {}),
    ...(avg_of_avgs ? { avgOfAvgs: true } : {}),
    ...(return_per_class ? { returnPerClass: true } : {}),
    // JSON has null for what is left out.
    ...(k === null || k === undefined ? {} : { k }),
    ...(label_comparison_fn ? { labelComparison: comparisons[label_comparison_fn as string] } : {}),
    ...(isGoldenObject(knn_func) ? { createIndex: () => neighbourIndex(knn_func, registry) } : {}),
    ...(clusters ? { kmeans: { cluster: () => Promise.resolve(Int32Array.from(clusters)) } } : {}),
  }
}

/** FaissKNN searches by L2 or by inner product (IP), CustomKNN by a distance. */
function neighbourIndex({ args }: GoldenObject, registry: Registry): Index {
  const ofDistance = (distance: object) => new registry.ExactNeighbourIndex!({ distance } as never) as Index
  if (args.metric === 'IP') return ofDistance(construct('DotProductSimilarity', { normalize_embeddings: false }, registry))
  if (!isGoldenObject(args.distance)) return construct<Index>('ExactNeighbourIndex', {}, registry)
  return ofDistance(construct(args.distance.class, args.distance.args, registry))
}

function request({ inputs }: GoldenCase): object {
  const names = (list: unknown) => (list as string[]).map(camelCase)
  return {
    query: matrix(inputs.query),
    queryLabels: inputs.query_labels,
    ...(inputs.reference ? { reference: matrix(inputs.reference) } : {}),
    ...(inputs.reference_labels ? { referenceLabels: inputs.reference_labels } : {}),
    ...(inputs.ref_includes_query === undefined ? {} : { refIncludesQuery: inputs.ref_includes_query }),
    ...(inputs.include ? { include: names(inputs.include) } : {}),
    ...(inputs.exclude ? { exclude: names(inputs.exclude) } : {}),
  }
}

function matrix(tensor: unknown): { embeddings: Float32Array; dim: number } {
  const { shape, data } = tensor as GoldenTensor
  return { embeddings: Float32Array.from(data, goldenNumber), dim: shape[1]! }
}

function rows(tensor: unknown): number[][] {
  const { embeddings, dim } = matrix(tensor)
  return Array.from({ length: embeddings.length / dim }, (_, row) => Array.from(embeddings.subarray(row * dim, (row + 1) * dim)))
}

const includesQuery = ({ inputs }: GoldenCase): boolean => !inputs.reference || inputs.ref_includes_query === true
const availableNeighbours = (of: GoldenCase): number =>
  rows(of.inputs.reference ?? of.inputs.query).length - (includesQuery(of) ? 1 : 0)

function rightMetrics(of: GoldenCase): Record<string, number> {
  const { inputs, args } = of
  const labels = (list: unknown) => (list as (number | number[])[]).map((label) => [label].flat())
  const metrics = neighbourMetrics({
    query: rows(inputs.query),
    reference: rows(inputs.reference ?? inputs.query),
    queryLabels: labels(inputs.query_labels),
    referenceLabels: labels(inputs.reference_labels ?? inputs.query_labels),
    refIncludesQuery: includesQuery(of),
    k: typeof args.k === 'number' ? args.k : Infinity,
    isMatch: comparisons[(args.label_comparison_fn as string | undefined) ?? 'all_equal']!,
  })
  const include = (args.include as string[] | undefined) ?? Object.keys(metrics)
  const exclude = (args.exclude as string[] | undefined) ?? []
  const wanted = Object.entries(metrics).filter(([name]) => include.includes(name) && !exclude.includes(name))
  return Object.fromEntries(wanted)
}
