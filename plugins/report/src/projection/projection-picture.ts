import { type Html, html } from '@metric-learning/page'
import { seriesColour } from '../html/palette.js'

const SIZE = 320
const MARGIN = 10

/** How the n-th highlighted class is marked: six colours, then the same six as squares. */
const classMark = (index: number) => ({ colour: seriesColour(index), square: index >= 6 })

/** The mark of a class, for a legend. */
export function classSwatch(index: number): Html {
  return html`<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">${strokes([[6, 6]], index)}</svg>`
}

/**
 * A scatter of all points: the highlighted classes by colour and shape, the others grey and small.
 * One path a class: points are strokes of no length, which keeps thousands of them small.
 *
 * @param points a point a row
 * @param labels label of each row
 * @param highlighted labels to mark
 */
export function projectionPicture(
  points: readonly (readonly [number, number])[],
  labels: readonly number[],
  highlighted: readonly number[],
  label: string,
): Html {
  const placed = fit(points)
  const rowsOf = (wanted: (label: number) => boolean) => placed.filter((_, row) => wanted(labels[row]!))
  return html`<svg class="chart scatter" viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label="${label}">
<path class="others" d="${path(rowsOf((other) => !highlighted.includes(other)))}"/>
${highlighted.map((wanted, index) =>
  strokes(
    rowsOf((other) => other === wanted),
    index,
  ),
)}
</svg>`
}

function strokes(points: readonly (readonly [number, number])[], index: number): Html {
  const { colour, square } = classMark(index)
  return html`<path class="${square ? 'squares' : 'dots'}" stroke="${colour}" d="${path(points)}"/>`
}

const path = (points: readonly (readonly [number, number])[]) =>
  points.map(([x, y]) => `M${short(x)} ${short(y)}h.01`).join('')

const short = (value: number) => String(Number(value.toFixed(1)))

/** Moves and scales points into the picture, both axes alike. */
function fit(points: readonly (readonly [number, number])[]): [number, number][] {
  const range = (axis: 0 | 1) => {
    const values = points.map((point) => point[axis])
    return { low: Math.min(...values), high: Math.max(...values) }
  }
  const [x, y] = [range(0), range(1)]
  const scale = (SIZE - 2 * MARGIN) / Math.max(x.high - x.low, y.high - y.low, 1e-9)
  const centre = SIZE / 2
  return points.map(([px, py]) => [
    centre + (px - (x.low + x.high) / 2) * scale,
    centre - (py - (y.low + y.high) / 2) * scale,
  ])
}
