import type { Html } from '@metric-learning/page'
import type { DistanceHistogram } from '../distances/pair-distances.js'
import type { DrawChart } from './draw-chart.js'

/** Distances of positive and of negative pairs over the same axis: positive ones in a filled outline, negative ones in a dashed one. */
export async function distanceChart(
  title: string,
  { edges, positive, negative, overlap }: DistanceHistogram,
  domain: readonly [low: number, high: number],
  draw: DrawChart,
): Promise<Html> {
  const outline = (pairs: string, shares: readonly number[]) => [...shares, shares.at(-1)!].map((share, bin) => ({ pairs, distance: edges[bin]!, share: 100 * share }))
  const colour = { domain: ['positive', 'negative'], range: ['var(--hit)', 'var(--miss)'] }
  return draw(
    {
      width: 330,
      height: 206,
      autosize: { type: 'fit', contains: 'padding' },
      padding: { left: 0, right: 10, top: 8, bottom: 4 },
      data: { values: [...outline('positive', positive), ...outline('negative', negative)] },
      encoding: {
        x: { field: 'distance', type: 'quantitative', scale: { domain: [...domain], nice: false }, axis: { title: 'distance', tickCount: 5 } },
        y: { field: 'share', type: 'quantitative', stack: null, axis: { title: '% of pairs', tickCount: 4 } },
        color: { field: 'pairs', type: 'nominal', scale: colour, legend: null },
      },
      layer: [
        { mark: { type: 'area', interpolate: 'step-after', opacity: 0.18, aria: false } },
        {
          mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.8, aria: false },
          encoding: { strokeDash: { field: 'pairs', type: 'nominal', scale: { domain: colour.domain, range: [[1, 0], [5, 3]] }, legend: null } },
        },
      ],
    },
    `Distances of pairs, ${title}: positive and negative ones overlap by ${Math.round(100 * overlap)} %.`,
  )
}
