import { spreadOf } from '../comparison/spread.js'
import type { CurvePoint } from './curve-chart.js'

/** The mean over runs at each place where any of them has a point, with the standard deviation where several have; the points themselves of a single run. */
export function meanCurve(runs: readonly (readonly CurvePoint[])[]): CurvePoint[] {
  if (runs.length === 1) return [...runs[0]!]
  const at = new Map<number, CurvePoint[]>()
  for (const point of runs.flat()) at.set(point.epoch, [...(at.get(point.epoch) ?? []), point])
  return [...at]
    .sort(([a], [b]) => a - b)
    .map(([epoch, points]) => {
      const { mean, deviation, count } = spreadOf(points.map(({ value }) => value))!
      const caption = `${points[0]!.caption ?? `epoch ${epoch}`}, ${count} run${count === 1 ? '' : 's'}`
      return { epoch, value: mean, ...(deviation !== undefined && { deviation }), caption }
    })
}
