import type { Html } from '@metric-learning/page'
import { seriesColour, seriesDash, seriesShape } from '../html/palette.js'
import { drawChart, type DrawChart } from './draw-chart.js'

/** One line of a chart. */
export interface Curve {
  readonly name: string
  /** Which colour, shape and dash, from 0. */
  readonly series: number
  readonly points: readonly CurvePoint[]
  /** Fine readings behind the points, drawn faint and without marks. */
  readonly readings?: readonly CurvePoint[]
  /** Whether points have marks. Default true; without them what many points have in common is seen better. */
  readonly marks?: boolean
}

export interface CurvePoint {
  readonly epoch: number
  readonly value: number
  /** Half the height of the band around a mean: a standard deviation. Default none. */
  readonly deviation?: number
  /** What the point is called when the mouse rests on it. Default `epoch N`. */
  readonly caption?: string
}

/** Curves over epochs in one chart. Bands of many are fainter, so that lines are seen through them. */
export async function curveChart(title: string, curves: readonly Curve[], draw: DrawChart = drawChart): Promise<Html> {
  const domain = curves.map(({ name }) => name)
  const color = { domain, range: curves.map(({ series }) => seriesColour(series)) }
  const shape = { domain, range: curves.map(({ series }) => seriesShape(series)) }
  const dash = { domain, range: curves.map(({ series }) => [...seriesDash(series)]) }
  const lastEpoch = Math.max(
    1,
    ...curves.flatMap(({ points, readings = [] }) => [...points, ...readings].map(({ epoch }) => Math.ceil(epoch))),
  )
  const ticks = { values: wholeTicks(lastEpoch), format: 'd' }
  const points = { values: curves.flatMap((curve) => rowsOf(curve.name, curve.points)) }
  const marked = { values: curves.filter(({ marks = true }) => marks).flatMap((curve) => rowsOf(curve.name, curve.points)) }
  const bands = { values: points.values.filter(({ low, high }) => low < high) }
  const readings = { values: curves.flatMap((curve) => rowsOf(curve.name, curve.readings ?? [])) }
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { zero: false, padding: 6, ...spread([...points.values, ...readings.values]) },
    axis: { title: null, tickCount: 4, ...formatOf([...points.values, ...readings.values]) },
  } as const
  const ends = curves.map((curve) => `${curve.name} ends at ${shown(curve.points.at(-1)?.value)}`)
  return draw(
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
        y,
        color: { field: 'name', type: 'nominal', scale: color, legend: null },
      },
      layer: [
        {
          data: bands,
          mark: { type: 'area', opacity: Math.min(0.2, 0.6 / curves.length), aria: false },
          encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } },
        },
        { data: readings, mark: { type: 'line', strokeWidth: 1, opacity: 0.45, aria: false } },
        {
          data: points,
          mark: { type: 'line', strokeWidth: 2, aria: false },
          encoding: { strokeDash: { field: 'name', type: 'nominal', scale: dash, legend: null } },
        },
        {
          data: marked,
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
    .map(({ epoch, value, deviation = 0, caption = `epoch ${Number(epoch.toFixed(2))}` }) => ({
      name,
      epoch,
      value,
      low: value - deviation,
      high: value + deviation,
      description: `${name}, ${caption}: ${shown(value)}${deviation > 0 ? ` ± ${shown(deviation)}` : ''}`,
    }))
}

interface Extent {
  readonly low: number
  readonly high: number
}

/** Gives values that are all alike a scale to stand in. */
function spread(rows: readonly Extent[]) {
  const [low, high] = [Math.min(...rows.map((row) => row.low)), Math.max(...rows.map((row) => row.high))]
  const half = Math.abs(low) / 2 || 0.5
  return low === high ? { domainMin: low - half, domainMax: high + half } : {}
}

/** Tiny values take powers of ten on the axis, large ones units (k, M, G): digits would run out of room. */
function formatOf(rows: readonly Extent[]) {
  const most = Math.max(0, ...rows.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]))
  if (most >= 1e5) return { format: '~s' }
  return most > 0 && most < 1e-3 ? { format: '~e' } : {}
}

const shown = (value: number | undefined) => (value === undefined ? 'no value' : String(Number(value.toPrecision(3))))

/** At most seven whole numbers from 0 to `last`. */
function wholeTicks(last: number): number[] {
  const step =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((candidate) => last / candidate <= 6) ?? Math.ceil(last / 6)
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step)
}
