import { parse, View } from 'vega'
import { compile, type Config } from 'vega-lite'
import type { Plot } from './curves.js'

/** Colours that all can tell apart (Okabe and Ito, Color Universal Design, 2008), and dashes for print. */
const colours = ['#0072b2', '#d55e00']
const dashes = [[1, 0], [6, 3]]

const theme: Config = {
  background: 'white',
  font: 'Helvetica, Arial, sans-serif',
  view: { stroke: null },
  axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e4e7ec', domainColor: '#8a94a6', tickColor: '#8a94a6', titlePadding: 8 },
  legend: { labelFontSize: 12, symbolStrokeWidth: 2.5, symbolSize: 500, labelLimit: 300 },
}

/** Draws the curves as SVG. */
export async function drawPlot({ over, ticks, curves }: Plot): Promise<string> {
  const domain = curves.map(({ name }) => name)
  const values = curves.flatMap(({ name, points }) => points.map(({ x, y }) => ({ name, x, y })))
  const key = { field: 'name', type: 'nominal', sort: null, legend: { title: null, orient: 'top' } } as const
  const { spec } = compile(
    {
      width: 420,
      height: 220,
      padding: 10,
      data: { values },
      mark: { type: 'line', strokeWidth: 2.5, aria: false },
      encoding: {
        x: { field: 'x', type: 'quantitative', title: over, scale: { zero: false }, axis: ticks ? { values: [...ticks] } : { tickCount: 5 } },
        y: { field: 'y', type: 'quantitative', title: 'loss', axis: { tickCount: 5 } },
        color: { ...key, scale: { domain, range: colours } },
        strokeDash: { ...key, scale: { domain, range: dashes } },
      },
    },
    { config: theme },
  )
  const view = new View(parse(spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return `${svg}\n`
}
