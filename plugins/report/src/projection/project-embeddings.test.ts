import { describe, expect, it } from 'vitest'
import { sampleEmbeddings } from '../record/sample-run.fixture.js'
import { projectEmbeddings } from './project-embeddings.js'

const { trained, labels, dim } = sampleEmbeddings()
const values = Float64Array.from(trained!)

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
})
