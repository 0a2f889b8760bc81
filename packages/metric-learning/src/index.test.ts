import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as everything from './index.js'

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly '@metric-learning/source': string }>>
  readonly dependencies: Readonly<Record<string, string>>
}

const { exports, dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest
const parts = Object.keys(exports).filter((path) => path !== '.' && path !== './package.json')

/** Those of a second to load, and what parts of one's own are written with. */
const apart = ['./experiments', './ops', './report']

describe('metric-learning', () => {
  it.each(parts)('has all of %s, under that name and, unless it is kept apart, in one', async (path) => {
    const part = (await import(new URL(`../${exports[path]!['@metric-learning/source']}`, import.meta.url).href)) as Record<string, unknown>
    const original = (await import(path.replace('./', '@metric-learning/'))) as object
    expect(Object.keys(part)).toEqual(Object.keys(original))
    if (apart.includes(path)) return
    // Losses have a `constant` of their own, for formulas.
    const names = Object.keys(part).filter((name) => path !== './losses' || name !== 'constant')
    for (const name of names) expect((everything as Record<string, unknown>)[name], name).toBe(part[name])
  })

  it('has a part for each package of ours that it depends on', () => {
    const ours = Object.keys(dependencies).filter((name) => name.startsWith('@metric-learning/'))
    expect(ours.map((name) => name.replace('@metric-learning/', './'))).toEqual(parts)
  })

  it('brings the copy of tfjs that its parts compute with', async () => {
    const core: unknown = await import('@tensorflow/tfjs-core')
    expect(everything.tf).toBe(core)
    expect(dependencies).toMatchObject({ '@tensorflow/tfjs': '4.22.0', '@tensorflow/tfjs-core': '4.22.0' })
  })
})
