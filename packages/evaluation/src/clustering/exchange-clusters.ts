import type { HostMatrix } from '../embeddings/embedding-matrix.js'

/** Rounds in which a new cluster finds its halves; an old one has them, and takes one. */
const FIRST_PASSES = 3

/** Points in their clusters, each centroid the mean of its points. */
export interface Clustered {
  readonly points: HostMatrix
  /** Moved in place. */
  readonly centroids: HostMatrix
  /** The cluster of each point. */
  readonly assignment: Int32Array
  /** Points of each cluster. */
  readonly sizes: Int32Array
}

/**
 * Split and merge: takes centroids from where two are nearly one to where one stands for two, which rounds of k-means cannot do.
 *
 * Clusters r, t and s are exchanged where one centroid for r and t and two for s make the inertia smaller: merging adds
 * n_r n_t / (n_r + n_t) ‖c_r - c_t‖², halving takes n₁ n₀ / (n₁ + n₀) ‖m₁ - m₀‖² away. t is the nearest of r; halves are those of a 2-means
 * within s, whose direction is kept from look to look. A cluster takes part in one exchange a look.
 *
 * @see Kaukoranta, Fränti, Nevalainen, Iterative split-and-merge algorithm for vector quantization codebook generation, Optical Engineering 37 (1998).
 */
export class ClusterExchange {
  /** Of each cluster: the direction in which it is halved, where its middle is on it, and what was found. */
  readonly #directions: Float32Array
  readonly #middles: Float64Array
  readonly #halves: Float64Array
  readonly #aboves: Int32Array
  readonly #gains: Float64Array
  readonly #isNew: Uint8Array

  constructor(clusters: number, dim: number) {
    this.#directions = new Float32Array(clusters * dim)
    this.#middles = new Float64Array(clusters)
    this.#halves = new Float64Array(clusters * dim)
    this.#aboves = new Int32Array(clusters)
    this.#gains = new Float64Array(clusters)
    this.#isNew = new Uint8Array(clusters).fill(1)
  }

  /** Moves centroids where that lowers the inertia, and gives those that it moved. */
  look(given: Clustered): number[] {
    const { centroids, sizes } = given
    if (centroids.rows < 3) return []
    this.#begin(given)
    for (let pass = 0; pass < FIRST_PASSES; pass++) this.#halve(given, pass > 0)
    this.#isNew.fill(0)
    const { nearest, costs } = merging(given)
    const gains = this.#gains
    const bySplit = Array.from(gains.keys()).sort((a, b) => gains[b]! - gains[a]! || a - b)
    const byMerge = Array.from(costs.keys()).sort((a, b) => costs[a]! - costs[b]! || a - b)
    const isUsed = new Uint8Array(centroids.rows)
    const moved: number[] = []
    for (const r of byMerge) {
      const t = nearest[r]!
      if (isUsed[r] || isUsed[t]) continue
      const s = bySplit.find((one) => !isUsed[one] && one !== r && one !== t)
      // What is gained has to be more than rounding.
      if (s === undefined || !(gains[s]! > 1.001 * costs[r]!)) break
      this.#exchange(centroids, sizes, r, t, s)
      for (const one of [r, s, t]) isUsed[one] = this.#isNew[one] = 1
      moved.push(r, s, t)
    }
    return moved
  }

  /** Halves of a new cluster: towards its first point, and away from it. */
  #begin({ points, centroids, assignment }: Clustered): void {
    const { dim } = points
    const isWaiting = this.#isNew.slice()
    for (let row = 0; row < points.rows; row++) {
      const cluster = assignment[row]!
      if (!isWaiting[cluster]) continue
      isWaiting[cluster] = 0
      this.#middles[cluster] = 0
      for (let i = row * dim, j = cluster * dim; j < (cluster + 1) * dim; i++, j++) this.#directions[j] = points.values[i]! - centroids.values[j]!
    }
  }

  /** One round of 2-means within each cluster, or within new ones. */
  #halve({ points: { values, rows, dim }, centroids, assignment, sizes }: Clustered, ofNew: boolean): void {
    const [directions, middles, halves, aboves, gains, isNew] = [this.#directions, this.#middles, this.#halves, this.#aboves, this.#gains, this.#isNew]
    const isAsked = ofNew ? isNew.slice() : new Uint8Array(centroids.rows).fill(1)
    isAsked.forEach((asked, cluster) => {
      if (!asked) return
      aboves[cluster] = gains[cluster] = 0
      halves.fill(0, cluster * dim, (cluster + 1) * dim)
    })
    for (let row = 0; row < rows; row++) {
      const cluster = assignment[row]!
      if (!isAsked[cluster]) continue
      const [from, at] = [row * dim, cluster * dim]
      let projection = 0
      for (let i = 0; i < dim; i++) projection += (values[from + i]! - centroids.values[at + i]!) * directions[at + i]!
      if (!(projection > middles[cluster]!)) continue
      aboves[cluster]!++
      for (let i = 0; i < dim; i++) halves[at + i]! += values[from + i]! - centroids.values[at + i]!
    }
    isAsked.forEach((asked, cluster) => {
      if (!asked) return
      const [above, below] = [aboves[cluster]!, sizes[cluster]! - aboves[cluster]!]
      if (above === 0 || below <= 0) {
        // The middle of an assignment that is no more: from the centroid again.
        middles[cluster] = 0
        isNew[cluster] = 1
        return
      }
      const half = halves.subarray(cluster * dim, (cluster + 1) * dim)
      const square = half.reduce((sum, value) => sum + value * value, 0)
      const both = 1 / above + 1 / below
      gains[cluster] = square * both
      // m₁ - m₀, and half of (m₁ + m₀)·(m₁ - m₀).
      half.forEach((value, i) => (directions[cluster * dim + i] = value * both))
      middles[cluster] = (square * (1 / above - 1 / below) * both) / 2
    })
  }

  #exchange({ values, dim }: HostMatrix, sizes: Int32Array, r: number, t: number, s: number): void {
    const [nr, nt] = [sizes[r]!, sizes[t]!]
    const above = this.#aboves[s]!
    const below = sizes[s]! - above
    // The last column is 1 and stays.
    for (let i = 0; i < dim - 1; i++) {
      const [atR, atT, atS] = [r * dim + i, t * dim + i, s * dim + i]
      if (nr + nt > 0) values[atT] = (nr * values[atR]! + nt * values[atT]!) / (nr + nt)
      values[atR] = values[atS]! + this.#halves[atS]! / above
      values[atS] = values[atS]! - this.#halves[atS]! / below
    }
  }
}

/** The nearest other centroid of each, and what their merging costs. */
function merging({ centroids: { values, rows, dim }, sizes }: Clustered): { readonly nearest: Int32Array; readonly costs: Float64Array } {
  const [nearest, least] = [new Int32Array(rows), new Float64Array(rows).fill(Infinity)]
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b < a; b++) {
      let square = 0
      for (let i = a * dim, j = b * dim; j < (b + 1) * dim; i++, j++) square += (values[i]! - values[j]!) ** 2
      if (square < least[a]!) [least[a], nearest[a]] = [square, b]
      if (square < least[b]!) [least[b], nearest[b]] = [square, a]
    }
  }
  return { nearest, costs: least.map((square, r) => (square * sizes[r]! * sizes[nearest[r]!]!) / Math.max(1, sizes[r]! + sizes[nearest[r]!]!)) }
}
