import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { nativeNeighbours } from '@metric-learning/ops'
import { expect, it, onTestFinished } from 'vitest'
import { withoutNative } from '../neighbours/without-native.fixture.js'
import { lloyd } from './lloyd.js'
import { matrixAt } from '../embeddings/matrix-at.js'
import { readyPoints } from './ready-points.js'

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
  const points = readyPoints({ values: Float32Array.from({ length: rows * dim }, () => random.normal()), rows, dim })
  const width = dim + 1
  const centroids = matrixAt(points.host, Int32Array.from({ length: clusters }, (_, i) => i))
  const list = Array.from({ length: rows }, (_, row) => [...points.host.values.subarray(row * width, row * width + dim)])
  const found = await lloyd(points, centroids, iterations, 1e5)
  expect([...found]).toEqual(plainly(list, list.slice(0, clusters), iterations))
  points.dispose()
  expect(tf.memory().numTensors).toBe(before)
})
