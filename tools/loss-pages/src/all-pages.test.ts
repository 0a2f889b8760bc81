import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import katex from 'katex'
import { describe, expect, it } from 'vitest'
import { allPages } from './all-pages.js'
import { documentedLosses } from './losses.js'
import { plotOf } from './plots.js'

const folder = fileURLToPath(new URL('../../../docs/losses/', import.meta.url))
const pages = await allPages()
const losses = documentedLosses()

describe('docs/losses', () => {
  it('is what `npm run docs:losses` writes: run it, and look at what changed', () => {
    const there = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(md|svg)$/.test(path))
    expect(there.sort()).toEqual([...pages.keys()].sort())
    for (const [path, text] of pages) {
      const [is, ought] = [readFileSync(folder + path, 'utf8'), text].map((of) => (path.endsWith('.svg') ? withoutNumbers(of) : of))
      expect(is, path).toBe(ought)
    }
  })

  it('shows curves as the losses have them, to a tenth of a point: another backend rounds otherwise', () => {
    for (const [path, text] of pages) {
      if (!path.endsWith('.svg')) continue
      const [is, ought] = [numbersOf(readFileSync(folder + path, 'utf8')), numbersOf(text)]
      expect(is.length, path).toBe(ought.length)
      expect(Math.max(...is.map((value, i) => Math.abs(value - ought[i]!))), path).toBeLessThan(0.1)
    }
  })

  it('has links to files that are there', () => {
    const targets = [...pages].flatMap(([, text]) => [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!))
    for (const target of new Set(targets)) expect(() => readFileSync(folder + target), target).not.toThrow()
  })
})

describe('The docstring of a loss', () => {
  it.each(losses.filter(({ source }) => source.formulas.length > 0).map(({ name, source }) => [name, source.formulas]))('has formulas that can be set: %s', (_, formulas) => {
    for (const formula of formulas) {
      expect(() => katex.renderToString(formula, { displayMode: true, strict: 'error' })).not.toThrow()
      // GitHub refuses it.
      expect(formula).not.toContain('\\operatorname')
    }
  })

  it('has formula, use and source, where it is no wrapper', () => {
    for (const { name, isWrapper, source } of losses) {
      if (!isWrapper) expect(source.formulas.length, name).toBeGreaterThan(0)
      expect(source.useWhen, name).toMatch(/\.$/)
      expect(source.source, name).toMatch(/\d{4}|torch\.nn|of PyTorch Metric Learning/)
    }
  })
})

describe('plotOf', () => {
  /** Each curve of a loss at one place. */
  const valuesAt = (name: string, x: number) =>
    plotOf(losses.find((loss) => loss.name === name)!)!.curves.map(({ points }) => points.find((point) => Math.abs(point.x - x) < 1e-6)!.y)

  it('gives the contrastive loss of pairs as its formula has it', () => {
    const [pull, push] = valuesAt('SignalToNoiseRatioContrastiveLoss', 0.4)
    expect(pull).toBeCloseTo(0.4, 4)
    expect(push).toBeCloseTo(0.6, 4)
  })

  it('gives ArcFace with its margin, and softmax without', () => {
    const entropyAt = (degrees: number) => Math.log(1 + 9 * Math.exp(-64 * Math.cos((degrees * Math.PI) / 180)))
    const [arcFace, softmax] = valuesAt('ArcFaceLoss', 118)
    expect(arcFace).toBeCloseTo(entropyAt(118 + 28.6), 2)
    expect(softmax).toBeCloseTo(entropyAt(118), 2)
  })
})

const number = /-?\d+(?:\.\d+)?(?:e-?\d+)?/g
const withoutNumbers = (svg: string): string => svg.replaceAll(number, '0')
const numbersOf = (svg: string): readonly number[] => [...svg.matchAll(number)].map(([text]) => Number(text))
