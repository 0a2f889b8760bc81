import * as tf from '@tensorflow/tfjs-core'
import { OptionError, Random } from '@metric-learning/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutNative } from '../neighbours/without-native.fixture.js'
import { KMeans } from './k-means.js'
import { normalizedMutualInformation } from './normalized-mutual-information.js'

/** Points around centres that lie `distance` apart on a line. */
function blobs(sizes: number[], distance: number, seed: number) {
  const random = new Random(seed)
  const labels = sizes.flatMap((size, label) => Array<number>(size).fill(label))
  const points = labels.flatMap((label) => [label * distance + random.normal(), random.normal()])
  return { labels, points: { embeddings: Float32Array.from(points), dim: 2 } }
}

const meanSquare = (points: Float32Array, labels: ArrayLike<number>) => {
  const sums = new Map<number, { x: number; y: number; count: number }>()
  for (let i = 0; i < labels.length; i++) {
    const sum = sums.get(labels[i]!) ?? { x: 0, y: 0, count: 0 }
    sums.set(labels[i]!, { x: sum.x + points[2 * i]!, y: sum.y + points[2 * i + 1]!, count: sum.count + 1 })
  }
  let total = 0
  for (let i = 0; i < labels.length; i++) {
    const { x, y, count } = sums.get(labels[i]!)!
    total += (points[2 * i]! - x / count) ** 2 + (points[2 * i + 1]! - y / count) ** 2
  }
  return total / labels.length
}

describe('KMeans', () => {
  it('finds two clusters that are far apart, whatever the seed', async () => {
    const { labels, points } = blobs([30, 12], 50, 1)
    for (const seed of [0, 1, 2, 3]) {
      expect(normalizedMutualInformation(labels, await new KMeans({ seed }).cluster(points, 2))).toBeCloseTo(1, 12)
    }
  })

  it('comes to rest: no point is nearer to another mean, and more clusters fit closer', async () => {
    const { points } = blobs([60], 1, 2)
    const kMeans = new KMeans({ iterations: 100 })
    const spreads = []
    for (const clusters of [1, 3, 9]) spreads.push(meanSquare(points.embeddings, await kMeans.cluster(points, clusters)))
    expect(spreads[1]).toBeLessThan(0.7 * spreads[0]!)
    expect(spreads[2]).toBeLessThan(0.7 * spreads[1]!)
  })

  it('gives the same clusters for the same seed', async () => {
    const { points } = blobs([40], 1, 3)
    const first = await new KMeans({ seed: 5 }).cluster(points, 6)
    expect(await new KMeans({ seed: 5 }).cluster(points, 6)).toEqual(first)
    expect(await new KMeans({ seed: 6 }).cluster(points, 6)).not.toEqual(first)
  })

  it.each([true, false])('finds clusters within groups that are 20,000 times as far from each other as points from centres, with native code: %s', async (isNative) => {
    if (!isNative) onTestFinished(withoutNative())
    const random = new Random(11)
    const centres = Array.from({ length: 8 }, (_, label) => Array.from({ length: 8 }, () => (label % 2) * 10_000 + 3 * random.normal()))
    const labels = Array.from({ length: 400 }, (_, row) => row % 8)
    const points = { embeddings: Float32Array.from(labels.flatMap((label) => centres[label]!.map((x) => x + 0.5 * random.normal()))), dim: 8 }
    const before = tf.memory().numTensors
    for (const seed of [0, 1, 2]) expect(normalizedMutualInformation(labels, await new KMeans({ seed }).cluster(points, 8))).toBeCloseTo(1, 12)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('mends clusters that start on equal points and lose them all', async () => {
    const { points, labels } = blobs([20, 20, 20], 50, 4)
    // Twenty copies of one point: most starts draw several of them.
    points.embeddings.subarray(0, 40).forEach((_, i, values) => (values[i] = i % 2 ? -1 : 2))
    for (const seed of [0, 1, 2, 3, 4]) {
      const found = await new KMeans({ seed }).cluster(points, 3)
      expect(new Set(found).size).toBe(3)
      expect(normalizedMutualInformation(labels, found)).toBeGreaterThan(0.7)
    }
  })

  it.each([['an offset of 1e6', 1, 1e6], ['a scale of 1e-18', 1e-18, 0], ['a scale of 1e18', 1e18, 0]])('finds the same with %s', async (_, scale, offset) => {
    // Whole quarters, which an offset rounds no further.
    const { labels, points } = blobs([30, 30, 30], 20, 9)
    const values = points.embeddings.map((value) => Math.round(4 * value) / 4)
    const plain = await new KMeans().cluster({ embeddings: values, dim: 2 }, 3)
    expect(normalizedMutualInformation(labels, plain)).toBeCloseTo(1, 12)
    expect(await new KMeans().cluster({ embeddings: values.map((value) => scale * value + offset), dim: 2 }, 3)).toEqual(plain)
  })

  it('takes the best of some restarts', async () => {
    const { points } = blobs([40, 40, 40, 40], 3, 10)
    const spread = async (restarts: number, seed: number) => meanSquare(points.embeddings, await new KMeans({ restarts, seed, iterations: 2 }).cluster(points, 12))
    for (const seed of [0, 1, 2]) {
      const spreads = [await spread(1, seed), await spread(3, seed), await spread(10, seed)]
      expect(spreads).toEqual([...spreads].sort((a, b) => b - a))
      expect(spreads[2]).toBeLessThan(spreads[0]!)
    }
  })

  it('trains on a subset of many points and still assigns all, in tiles', async () => {
    const { labels, points } = blobs([50, 50], 50, 5)
    const found = await new KMeans({ maxPointsPerCluster: 5, tileBytes: 100 }).cluster(points, 2)
    expect(normalizedMutualInformation(labels, found)).toBeCloseTo(1, 12)
  })

  it('can give every point a cluster, and takes equal points', async () => {
    const { points } = blobs([8], 1, 6)
    expect(new Set(await new KMeans().cluster(points, 8)).size).toBe(8)
    const equal = { embeddings: new Float32Array(10).fill(1), dim: 2 }
    expect(await new KMeans().cluster(equal, 3)).toHaveLength(5)
  })

  it('lets the event loop have a turn after each tile of the device', async () => {
    onTestFinished(withoutNative())
    let turns = 0
    let isDone = false
    const count = () => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await new KMeans({ tileBytes: 1 }).cluster(blobs([5, 5], 9, 1).points, 2)
    isDone = true
    expect(turns).toBeGreaterThan(20)
  })

  it('leaves no tensor behind', async () => {
    const { points } = blobs([20], 1, 7)
    const before = tf.memory().numTensors
    await new KMeans().cluster(points, 3)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('says what does not fit', async () => {
    const { points } = blobs([4], 1, 8)
    await expect(new KMeans().cluster(points, 5)).rejects.toThrow('KMeans: wanted at most as many clusters as the 4 points, got 5.')
    expect(() => new KMeans({ iterations: 0 })).toThrow(OptionError)
    const scheduled = { [Symbol.for('metric-learning.scheduled')]: true, value: 0.5, restrict: () => undefined }
    expect(() => new KMeans({ tileBytes: scheduled as never })).toThrow('`tileBytes` to be a plain number, got one that is scheduled')
    expect(() => new KMeans({ niter: 20 } as object)).toThrow(OptionError)
  })
})
