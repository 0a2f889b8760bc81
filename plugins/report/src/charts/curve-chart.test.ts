import { describe, expect, it } from 'vitest'
import { curveChart } from './curve-chart.js'

const points = [
  { epoch: 0, value: 0.1 },
  { epoch: 1, value: 0.353 },
]

describe('curveChart', () => {
  it('draws each curve in its colour, with names of points to rest the mouse on', async () => {
    const { markup } = await curveChart('P@1', [
      { name: 'A & <B>', series: 0, points },
      { name: 'C', series: 1, points: [{ epoch: 0, value: 0.2 }] },
    ])
    expect(markup).toMatch(
      /^<svg class="chart" viewBox="0 0 \d+ \d+" role="img" aria-label="Chart of P@1\. A &amp; &lt;B&gt; ends at 0\.353, C ends at 0\.2\.">/,
    )
    expect(markup).toContain('stroke="var(--blue)"')
    expect(markup).toContain('fill="var(--vermillion)"')
    expect(markup).toContain('<title>A &amp; &lt;B&gt;, epoch 1: 0.353</title>')
    expect(markup.match(/<title>/g)).toHaveLength(3)
  })

  it('has no colour that would not follow the theme, and nothing to load', async () => {
    const { markup } = await curveChart('loss', [{ name: 'A', series: 0, points, readings: points }])
    expect(markup).not.toMatch(/#[0-9a-f]{3,6}"/i)
    expect(markup).not.toContain('http')
  })

  it('gives a single value a scale around it', async () => {
    const { markup } = await curveChart('x', [{ name: 'A', series: 0, points: points.slice(0, 1) }])
    const labels = [...markup.matchAll(/text-anchor="end"[^>]*>([\d.]+)</g)].map(([, label]) => Number(label))
    expect(Math.min(...labels)).toBeLessThan(0.1)
    expect(Math.max(...labels)).toBeGreaterThan(0.1)
  })

  it('draws a band around means, and no mark where none is wanted', async () => {
    const means = points.map((point) => ({ ...point, deviation: 0.05 }))
    const { markup } = await curveChart('x', [{ name: 'A', series: 0, points: means, marks: false }])
    expect(markup).toMatch(/<path[^>]*fill="var\(--blue\)"[^>]*opacity="0\.2"|<path[^>]*opacity="0\.2"[^>]*fill="var\(--blue\)"/)
    expect(markup).not.toContain('<title>')
    const marked = await curveChart('x', [{ name: 'A', series: 0, points: means }])
    expect(marked.markup).toContain('<title>A, epoch 1: 0.353 ± 0.05</title>')
    expect((await curveChart('x', [{ name: 'A', series: 0, points }])).markup).not.toContain('opacity="0.2"')
    const ten = await curveChart('x', Array.from({ length: 10 }, (_, i) => ({ name: `${i}`, series: i, points: means })))
    expect(ten.markup.match(/opacity="0\.06"/g)).toHaveLength(10)
  })

  it('writes tiny values as powers of ten', async () => {
    const tiny = points.map(({ epoch, value }) => ({ epoch, value: value * 1e-6 }))
    expect((await curveChart('x', [{ name: 'A', series: 0, points: tiny }])).markup).toMatch(/>\d(\.\d)?e[−-]7</)
  })

  it('manages one point, none, and values that are no numbers', async () => {
    expect((await curveChart('x', [{ name: 'A', series: 0, points: points.slice(0, 1) }])).markup).toContain(
      '<title>A, epoch 0: 0.1</title>',
    )
    expect((await curveChart('x', [{ name: 'A', series: 0, points: [] }])).markup).toContain('A ends at no value')
    const { markup } = await curveChart('x', [{ name: 'A', series: 0, points: [...points, { epoch: 2, value: NaN }] }])
    expect(markup.match(/<title>/g)).toHaveLength(2)
    expect(markup).not.toContain('NaN,')
  })
})
