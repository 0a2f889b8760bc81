import { PluginError, Random, ShapeError } from '@metric-learning/contracts'
import { UMAP } from 'umap-js'
import { describe, expect, it } from 'vitest'
import { nearestNeighbours } from '../embeddings/nearest-neighbours.js'
import { sampleEmbeddings } from '../record/sample-run.fixture.js'
import { projectEmbeddings } from './project-embeddings.js'

const { trained, labels, dim } = sampleEmbeddings()
const values = Float64Array.from(trained!)

/** The same in this thread, with the draws of `Random`. */
async function inThisThread(seed: number, rounds: number): Promise<number[][]> {
  const count = values.length / dim
  const nNeighbors = Math.min(15, count - 1)
  const random = new Random(seed)
  const umap = new UMAP({ nComponents: 2, nNeighbors, minDist: 0.1, nEpochs: rounds, random: () => random.uniform() })
  const nearest = await nearestNeighbours(values, dim, nNeighbors - 1)
  umap.setPrecomputedKNN(
    nearest.map(({ rows }, row) => [row, ...rows]),
    nearest.map(({ distances }) => [0, ...distances]),
  )
  umap.initializeFit(Array.from({ length: count }, (_, row) => Array.from(values.subarray(row * dim, (row + 1) * dim))))
  for (let round = 0; round < rounds; round++) umap.step()
  return umap.getEmbedding()
}

describe('projectEmbeddings', () => {
  it('keeps neighbours together', async () => {
    // 24 rows, 15 neighbours each, would join the groups: three copies make them large enough.
    const points = await projectEmbeddings(
      Float64Array.of(...values, ...values.map((v) => v + 0.01), ...values.map((v) => v - 0.01)),
      dim,
    )
    const labelOf = (row: number) => labels[row % 24]!
    const nearest = points.map((point, row) => {
      const distance = (other: number) =>
        other === row ? Infinity : Math.hypot(point[0] - points[other]![0], point[1] - points[other]![1])
      return [...points.keys()].reduce(
        (best, other) => (distance(other) < distance(best) ? other : best),
        (row + 1) % points.length,
      )
    })
    const hits = nearest.filter((other, row) => labelOf(other) === labelOf(row)).length
    expect(hits / points.length).toBeGreaterThan(0.95)
  })

  it('gives the same from the same seed, and tells how far it is', async () => {
    const heard: number[] = []
    const project = (seed: number) =>
      projectEmbeddings(values, dim, { seed, rounds: 20, onProgress: (done) => heard.push(done) })
    const first = await project(1)
    expect(heard).toEqual([0.5, 1])
    expect(await project(1)).toEqual(first)
    expect(await project(2)).not.toEqual(first)
  })

  it('gives what UMAP gives in this thread, which meanwhile is free', async () => {
    let turns = 0
    let isDone = false
    const count = () => {
      turns += 1
      if (!isDone) setImmediate(count)
    }
    const within: number[] = []
    setImmediate(count)
    const points = await projectEmbeddings(values, dim, { seed: 7, rounds: 200, onProgress: () => within.push(turns) })
    isDone = true
    expect(points).toEqual(await inThisThread(7, 200))
    expect(within).toHaveLength(20)
    expect(turns).toBeGreaterThan(100)
  })

  it('fails by name where there is nothing, and where it is ended', async () => {
    await expect(projectEmbeddings(new Float64Array(0), dim)).rejects.toThrow(ShapeError)
    const ending = new AbortController()
    const ended = projectEmbeddings(values, dim, { rounds: 1e6, signal: ending.signal, onProgress: () => ending.abort() })
    await expect(ended).rejects.toThrow(PluginError)
    await expect(ended).rejects.toThrow('that it was ended')
  })
})
