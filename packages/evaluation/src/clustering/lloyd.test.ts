import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { nativeNeighbours } from '@metric-learning/ops'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutNative } from '../neighbours/without-native.fixture.js'
import { lloyd } from './lloyd.js'
import { matrixAt } from '../embeddings/matrix-at.js'
import { normalizedMutualInformation } from './normalized-mutual-information.js'
import { readyPoints, type ReadyPoints } from './ready-points.js'

/** Lloyd's rounds, each point with each centroid, in float64. */
function plainly(points: readonly (readonly number[])[], centroids: number[][], iterations: number): number[] {
  const distance = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)
  const nearest = () => points.map((point) => centroids.reduce((best, centroid, i) => (distance(point, centroid) < distance(point, centroids[best]!) ? i : best), 0))
  for (let iteration = 0; iteration < iterations; iteration++) {
    const clusters = nearest()
    centroids.forEach((_, cluster) => {
      const own = points.filter((_, row) => clusters[row] === cluster)
      if (own.length > 0) centroids[cluster] = own[0]!.map((_, i) => own.reduce((sum, point) => sum + point[i]!, 0) / own.length)
    })
  }
  return nearest()
}

const PATHS = nativeNeighbours() ? ['native code', 'the device'] : ['the device']

it.each(PATHS.flatMap((path) => [1, 3, 20].map((iterations) => [path, iterations] as const)))('lloyd gives by %s the clusters of %i plain rounds, though it compares no more than may have changed', async (path, iterations) => {
  if (path === 'the device') onTestFinished(withoutNative())
  const before = tf.memory().numTensors
  const random = new Random(1)
  const [rows, dim, clusters] = [700, 3, 400]
  const points = await readyPoints({ values: Float32Array.from({ length: rows * dim }, () => random.normal()), rows, dim })
  const width = dim + 1
  const centroids = matrixAt(points.host, Int32Array.from({ length: clusters }, (_, i) => i))
  const list = Array.from({ length: rows }, (_, row) => [...points.host.values.subarray(row * width, row * width + dim)])
  const found = await lloyd(points, centroids, { iterations, exchanges: 0 }, 1e5)
  expect([...found]).toEqual(plainly(list, list.slice(0, clusters), iterations))
  points.dispose()
  expect(tf.memory().numTensors).toBe(before)
})

/** Centroids on some of the points. */
const centroidsAt = (points: ReadyPoints, ...rows: number[]) => matrixAt(points.host, Int32Array.from(rows))

/** Normal noise around centres of groups, which take turns. */
function groups(rows: number, dim: number, count: number, spread: number, seed: number): Promise<ReadyPoints> {
  const random = new Random(seed)
  const centres = Array.from({ length: count * dim }, () => spread * random.normal())
  return readyPoints({ values: Float32Array.from({ length: rows * dim }, (_, i) => centres[(Math.floor(i / dim) % count) * dim + (i % dim)]! + random.normal()), rows, dim })
}

describe.each(PATHS)('lloyd by %s', (path) => {
  it('takes a centroid from a group that has two to two groups that have one', async () => {
    if (path === 'the device') onTestFinished(withoutNative())
    const points = await groups(90, 4, 3, 50, 2)
    onTestFinished(() => {
      points.dispose()
    })
    const classes = Int32Array.from({ length: 90 }, (_, row) => row % 3)
    // Rows 0 and 3 are of one group. Rounds alone stay there.
    const clusters = async (exchanges: number) => lloyd(points, centroidsAt(points, 0, 3, 1), { iterations: 20, exchanges }, 1e5)
    expect(normalizedMutualInformation(classes, await clusters(0))).toBeLessThan(0.9)
    expect(normalizedMutualInformation(classes, await clusters(10))).toBe(1)
  })

  it('gives a cluster to each of few points, where centroids are equal, too', async () => {
    if (path === 'the device') onTestFinished(withoutNative())
    const points = await groups(5, 2, 5, 9, 3)
    onTestFinished(() => {
      points.dispose()
    })
    expect(new Set(await lloyd(points, centroidsAt(points, 0, 0, 0, 0, 0), { iterations: 20, exchanges: 10 }, 1e5)).size).toBe(5)
    expect([...(await lloyd(points, centroidsAt(points, 2), { iterations: 20, exchanges: 10 }, 1e5))]).toEqual([0, 0, 0, 0, 0])
  })
})

describe.runIf(nativeNeighbours())('native rounds', () => {
  it('begin with points that are ready as they are elsewhere', async () => {
    const random = new Random(4)
    const given = { values: Float32Array.from({ length: 3000 * 19 }, () => 1e3 + random.normal()), rows: 3000, dim: 19 }
    const native = await readyPoints(given)
    onTestFinished(withoutNative())
    const { host, norms } = await readyPoints(given)
    expect(Math.max(...host.values.map((value, i) => Math.abs(value - native.host.values[i]!)))).toBeLessThan(1e-7)
    expect(Math.max(...norms.map((value, i) => Math.abs(value - native.norms[i]!)))).toBeLessThan(1e-6)
    expect(native.host.dim).toBe(20)
    expect(Math.max(...native.norms)).toBeCloseTo(1, 6)
  })

  // Few clusters, of which all move, and many, of which few do; groups that bounds tell apart, and noise that they don't.
  it.each([[2000, 16, 40, 0], [2000, 16, 40, 3], [1500, 5, 500, 1], [700, 130, 100, 0.3]])('are those of the device: %i points of %i numbers, %i clusters, groups %d apart', async (rows, dim, clusters, spread) => {
    const points = await groups(rows, dim, clusters, spread, rows + dim)
    onTestFinished(() => {
      points.dispose()
    })
    const run = async (exchanges: number) => lloyd(points, centroidsAt(points, ...Array.from({ length: clusters }, (_, i) => i)), { iterations: 20, exchanges }, 1e5)
    const native = [await run(0), await run(10)]
    onTestFinished(withoutNative())
    expect([await run(0), await run(10)]).toEqual(native)
  })

  it.each([1, 2, 3, 7])('are the same in %i threads', async (threads) => {
    const points = await groups(3000, 9, 50, 0.5, 5)
    const run = async (threads: number) => {
      const centroids = centroidsAt(points, ...Array.from({ length: 50 }, (_, i) => i)).values
      const clusters = await nativeNeighbours()!.neighbours.lloyd({ points: points.host.values, centroids, dim: points.host.dim, iterations: 20, exchanges: 10, threads })
      return { clusters, centroids }
    }
    expect(await run(threads)).toEqual(await run(4))
  })
})
