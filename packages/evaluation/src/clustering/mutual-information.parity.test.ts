import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { adjustedMutualInformation } from './adjusted-mutual-information.js'
import { normalizedMutualInformation } from './normalized-mutual-information.js'

interface Case {
  readonly n: number
  readonly classes: number
  readonly clusters: number
  readonly kind: 'drawn' | 'noisy'
  readonly nmi: number
  readonly ami: number
}

/** Made by fixtures/mutual_information.py; the labels are drawn again here. */
const { source, cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/mutual-information.json', import.meta.url), 'utf8'),
) as { source: string; cases: Case[] }

function draws(n: number, seed: number): number[] {
  let state = seed
  return Array.from({ length: n }, () => (state = (Math.imul(1664525, state) + 1013904223) >>> 0))
}

const scaled = (draw: number, classes: number) => Math.floor((draw * classes) / 2 ** 32)

function labellings({ n, classes, clusters, kind }: Case) {
  const truth = draws(n, n).map((draw) => scaled(draw, classes))
  if (kind === 'drawn') return { truth, other: draws(n, n + 1).map((draw) => scaled(draw, clusters)) }
  const noise = draws(n, n + 2)
  return { truth, other: noise.map((draw, i) => (draw % 3 === 0 ? scaled(draw, clusters) : truth[i]! % clusters)) }
}

describe(`mutual information against ${source}`, () => {
  it.each(cases)('$kind: $n elements, $classes classes, $clusters clusters', (one) => {
    const { truth, other } = labellings(one)
    expect(Math.abs(normalizedMutualInformation(truth, other) - one.nmi)).toBeLessThan(1e-9)
    expect(Math.abs(adjustedMutualInformation(truth, other) - one.ami)).toBeLessThan(1e-9)
  })
})
