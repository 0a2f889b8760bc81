import { ExactNeighbourIndex } from '../neighbours/exact-neighbour-index.js'
import type { ComparedSets, EmbeddingMetric, NoValue } from './metric.js'

/**
 * Accuracy of the nearest-centroid classifier: the share of queries that are nearest to the mean of the references of their class, by the
 * Euclidean distance of the embeddings as they are given. Where references include the queries, a query is left out of the mean of its own
 * class, c' = (n c - x) / (n - 1), and a class that is the query alone has no mean for it. Of means that are equally near, that of its own class
 * counts, else the one that comes first in the order of labels.
 *
 * Under a label comparison a query is right where the class of that mean matches it. It has no value with `excludeReferences`: means are
 * those of all references.
 *
 * @see Tibshirani, Hastie, Narasimhan, Chu, PNAS 99 (2002); Snell, Swersky, Zemel, Prototypical networks, arXiv:1703.05175.
 * @example new AccuracyCalculator({ metrics: [nearestCentroidAccuracy()] }) // metrics.nearestCentroidAccuracy
 */
export function nearestCentroidAccuracy(): EmbeddingMetric<'nearestCentroidAccuracy'> {
  return {
    name: 'nearestCentroidAccuracy',
    label: 'Centroid',
    title: 'accuracy of the nearest-centroid classifier',
    meaning: 'How often the mean of the query’s class is the nearest of all.',
    inPercent: true,
    judges: 'embeddings',
    compute: (sets) => judge(sets),
  }
}

async function judge({ query, reference, refIncludesQuery, hasExclusions, matches }: ComparedSets): Promise<Float64Array | NoValue> {
  if (hasExclusions) return { reason: 'Centroids are those of all references, and `excludeReferences` leaves some out for each query.' }
  const { dim } = query
  const means = new ClassMeans(reference.embeddings, dim, reference.classes)
  const right = new Float64Array(query.classes.length)
  const index = new ExactNeighbourIndex()
  try {
    await index.add({ embeddings: means.centroids(), dim })
    // Two: where the nearest one is that of its own class, the next has to be known.
    for await (const { firstRow, rowCount, k, ids } of index.search({ query, k: 2 })) {
      for (let row = 0; row < rowCount; row++) {
        const at = firstRow + row
        const nearest = Array.from(ids.subarray(row * k, (row + 1) * k), (id) => means.classes[id]!)
        const own = query.classes[at]!
        const winner = means.nearest(query.embeddings.subarray(at * dim, (at + 1) * dim), own, nearest, refIncludesQuery)
        right[at] = winner !== undefined && matches(at, winner) ? 1 : 0
      }
    }
  } finally {
    index.dispose()
  }
  return right
}

/** The mean embedding of each class, as sums in double precision. */
class ClassMeans {
  /** Those that have embeddings, ascending. */
  readonly classes: readonly number[]
  readonly #sums = new Map<number, { readonly sum: Float64Array; count: number }>()

  constructor(embeddings: Float32Array, dim: number, classes: Int32Array) {
    classes.forEach((one, row) => {
      const of = this.#sums.get(one) ?? { sum: new Float64Array(dim), count: 0 }
      for (let i = 0; i < dim; i++) of.sum[i]! += embeddings[row * dim + i]!
      of.count++
      this.#sums.set(one, of)
    })
    this.classes = [...this.#sums.keys()].sort((a, b) => a - b)
  }

  /** float32 [classes, dim] */
  centroids(): Float32Array {
    return Float32Array.from(this.classes.flatMap((one) => Array.from(this.#sums.get(one)!.sum, (value) => value / this.#sums.get(one)!.count)))
  }

  /**
   * The class of the nearest mean; of equals that of the point.
   *
   * @param own class of the point
   * @param found of the means of all points the two nearest
   * @param isPart whether the point is one of the references: the mean of its class is that of the others then
   */
  nearest(point: Float32Array, own: number, found: readonly number[], isPart: boolean): number | undefined {
    const other = found.find((one) => one !== own)
    const mine = this.#sums.get(own)
    const count = (mine?.count ?? 0) - Number(isPart)
    if (!mine || count === 0) return other
    if (other === undefined) return own
    const rest = this.#sums.get(other)!
    let [toOwn, toOther] = [0, 0]
    for (let i = 0; i < point.length; i++) {
      toOwn += (point[i]! - (mine.sum[i]! - (isPart ? point[i]! : 0)) / count) ** 2
      toOther += (point[i]! - rest.sum[i]! / rest.count) ** 2
    }
    return toOwn <= toOther ? own : other
  }
}
