import type { Html } from '../html/html.js'
import { seriesColour, seriesShape } from '../html/palette.js'
import { drawChart } from './draw-chart.js'

/** One line of a chart. */
export interface Curve {
  readonly name: string
  /** Which colour and shape, from 0. */
  readonly series: number
  readonly points: readonly CurvePoint[]
  /** Fine readings behind the points, drawn faint and without marks. */
  readonly readings?: readonly CurvePoint[]
}

export interface CurvePoint {
  readonly epoch: number
  readonly value: number
  /** What the point is called when the mouse rests on it. Default `epoch N`. */
  readonly caption?: string
}

/** Curves over epochs in one chart. */
export function curveChart(title: string, curves: readonly Curve[]): Promise<Html> {
  const domain = curves.map(({ name }) => name)
  const color = { domain, range: curves.map(({ series }) => seriesColour(series)) }
  const shape = { domain, range: curves.map(({ series }) => seriesShape(series)) }
  const lastEpoch = Math.max(
    1,
    ...curves.flatMap(({ points, readings = [] }) => [...points, ...readings].map(({ epoch }) => epoch)),
  )
  const ticks = { values: wholeTicks(lastEpoch), format: 'd' }
  const points = { values: curves.flatMap((curve) => rowsOf(curve.name, curve.points)) }
  const readings = { values: curves.flatMap((curve) => rowsOf(curve.name, curve.readings ?? [])) }
  const ends = curves.map((curve) => `${curve.name} ends at ${shown(curve.points.at(-1)?.value)}`)
  return drawChart(
    {
      width: 330,
      height: 206,
      autosize: { type: 'fit', contains: 'padding' },
      padding: { left: 0, right: 10, top: 8, bottom: 4 },
      encoding: {
        x: {
          field: 'epoch',
          type: 'quantitative',
          scale: { domainMin: 0, domainMax: lastEpoch, nice: false },
          axis: { title: 'epoch', ...ticks },
        },
        y: {
          field: 'value',
          type: 'quantitative',
          scale: { zero: false, padding: 6, ...spread([...points.values, ...readings.values]) },
          axis: { title: null, tickCount: 4 },
        },
        color: { field: 'name', type: 'nominal', scale: color, legend: null },
      },
      layer: [
        { data: readings, mark: { type: 'line', strokeWidth: 1, opacity: 0.45, aria: false } },
        { data: points, mark: { type: 'line', strokeWidth: 2, aria: false } },
        {
          data: points,
          mark: { type: 'point', filled: true, size: 46, opacity: 1 },
          encoding: {
            shape: { field: 'name', type: 'nominal', scale: shape, legend: null },
            description: { field: 'description' },
          },
        },
      ],
    },
    `Chart of ${title}. ${ends.join(', ')}.`,
  )
}

/** Rows as vega reads them; values that are no numbers leave a gap. */
function rowsOf(name: string, points: readonly CurvePoint[]) {
  return points
    .filter(({ value }) => Number.isFinite(value))
    .map(({ epoch, value, caption = `epoch ${epoch}` }) => ({
      name,
      epoch,
      value,
      description: `${name}, ${caption}: ${shown(value)}`,
    }))
}

/** Gives values that are all alike a scale to stand in. */
function spread(rows: readonly { readonly value: number }[]) {
  const values = rows.map(({ value }) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const half = Math.abs(low) / 2 || 0.5
  return low === high ? { domainMin: low - half, domainMax: high + half } : {}
}

const shown = (value: number | undefined) => (value === undefined ? 'no value' : String(Number(value.toPrecision(3))))

/** At most seven whole numbers from 0 to `last`. */
function wholeTicks(last: number): number[] {
  const step =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((candidate) => last / candidate <= 6) ?? Math.ceil(last / 6)
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step)
}
