import { Random, type Embeddings } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { PrincipalComponents } from './principal-components.js'

/** Rows whose columns go along with a few hidden numbers, far from the origin and on scales of their own. */
function hidden(rows: number, dim: number, seed: number): Embeddings {
  const random = new Random(seed)
  const mixing = Array.from({ length: dim }, () => [3 * random.normal(), 2 * random.normal(), random.normal()])
  const embeddings = new Float32Array(rows * dim)
  for (let row = 0; row < rows; row++) {
    const factors = [random.normal(), random.normal(), random.normal()]
    mixing.forEach((weights, i) => {
      embeddings[row * dim + i] = 1000 + 10 ** (i % 3) * (weights.reduce((sum, weight, j) => sum + weight * factors[j]!, 0) + 0.1 * random.normal())
    })
  }
  return { embeddings, dim }
}

async function project(components: PrincipalComponents, embeddings: Float32Array): Promise<Float32Array> {
  const blocks: Float32Array[] = []
  for await (const block of components.project(embeddings)) blocks.push(block)
  return Float32Array.from(blocks.flatMap((block) => [...block]))
}

/** Standardised in double precision. */
function standardised({ embeddings, dim }: Embeddings): number[][] {
  const rows = Array.from({ length: embeddings.length / dim }, (_, row) => Array.from(embeddings.subarray(row * dim, (row + 1) * dim)))
  const means = Array.from({ length: dim }, (_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length)
  const deviations = means.map((mean, i) => Math.sqrt(rows.reduce((sum, row) => sum + (row[i]! - mean) ** 2, 0) / (rows.length - 1)))
  return rows.map((row) => row.map((value, i) => (value - means[i]!) / deviations[i]!))
}

/** Dominant eigenvector of zᵀz, by power iteration, for the sign that is wanted. */
function firstComponent(z: readonly (readonly number[])[]): number[] {
  let vector = z[0]!.map((_, i) => 1 + i / 10)
  for (let round = 0; round < 500; round++) {
    const scores = z.map((row) => row.reduce((sum, value, i) => sum + value * vector[i]!, 0))
    const next = vector.map((_, i) => z.reduce((sum, row, n) => sum + row[i]! * scores[n]!, 0))
    const norm = Math.hypot(...next)
    vector = next.map((value) => value / norm)
  }
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best))
  return vector.map((value) => Math.sign(largest) * value)
}

describe('PrincipalComponents', () => {
  it('gives the dominant direction of standardised columns, with the sign that is said', async () => {
    const data = hidden(300, 6, 1)
    const z = standardised(data)
    const direction = firstComponent(z)
    const found = await project(await PrincipalComponents.fit(data, 2), data.embeddings)
    z.forEach((row, n) => expect(found[2 * n]).toBeCloseTo(row.reduce((sum, value, i) => sum + value * direction[i]!, 0), 3))
  })

  it('gives components that are uncorrelated, largest variance first, and keep all variance together', async () => {
    const data = hidden(5000, 5, 2)
    const found = await project(await PrincipalComponents.fit(data, 5), data.embeddings)
    const column = (i: number) => Array.from({ length: 5000 }, (_, row) => found[row * 5 + i]!)
    const product = (i: number, j: number) => column(i).reduce((sum, value, row) => sum + value * column(j)[row]!, 0) / 4999
    const variances = [0, 1, 2, 3, 4].map((i) => product(i, i))
    expect(variances).toEqual([...variances].sort((a, b) => b - a))
    expect(variances.reduce((sum, value) => sum + value)).toBeCloseTo(5, 3)
    expect(Math.abs(product(0, 1))).toBeLessThan(1e-3)
    expect(Math.abs(product(2, 3))).toBeLessThan(1e-3)
  })

  it('takes a constant column for 0, and one row for nothing but its mean', async () => {
    const constant = { embeddings: Float32Array.of(1, 0.1, 2, 0.1, 4, 0.1), dim: 2 }
    const found = await project(await PrincipalComponents.fit(constant, 2), constant.embeddings)
    expect([...found].every(Number.isFinite)).toBe(true)
    expect([found[1], found[3], found[5]].map(Math.abs as (value: number | undefined) => number)).toEqual([0, 0, 0])
    const one = { embeddings: Float32Array.of(3, 4), dim: 2 }
    expect([...(await project(await PrincipalComponents.fit(one, 1), one.embeddings))].map(Math.abs)).toEqual([0])
  })
})
