import type { CurvePoint } from './curve-chart.js'

/** At most `limit` points: means over equal stretches of the readings. */
export function thinReadings(readings: readonly CurvePoint[], limit = 300): CurvePoint[] {
  const size = Math.max(1, Math.ceil(readings.length / limit))
  return Array.from({ length: Math.ceil(readings.length / size) }, (_, i) => {
    const part = readings.slice(i * size, (i + 1) * size)
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const deviation = mean(part.map((reading) => reading.deviation ?? 0))
    return { epoch: mean(part.map(({ epoch }) => epoch)), value: mean(part.map(({ value }) => value)), ...(deviation > 0 && { deviation }) }
  })
}
