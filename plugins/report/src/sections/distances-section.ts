import { type Html, html, section } from '@metric-learning/page'
import { distanceChart } from '../charts/distance-chart.js'
import { drawChart, type DrawChart } from '../charts/draw-chart.js'
import { distanceHistogram, samplePairDistances } from '../distances/pair-distances.js'
import type { EmbeddingViews } from '../embeddings/embedding-view.js'

/** How far apart pairs of one class and pairs of two lie in each model's embeddings; the same pairs for all. `undefined` where there are none. */
export async function distancesSection({ samples, views }: EmbeddingViews, { seed, draw = drawChart }: { readonly seed: number; readonly draw?: DrawChart }): Promise<Html | undefined> {
  const found = views.flatMap(({ name, values, dim }) => {
    const distances = samplePairDistances(values, dim, samples.labels, { seed })
    return distances ? [{ name, distances, histogram: distanceHistogram(distances) }] : []
  })
  if (found.length === 0) return undefined
  const high = Math.max(...found.map(({ histogram }) => histogram.edges.at(-1)!))
  const panels: Html[] = []
  for (const { name, histogram } of found) {
    const chart = await distanceChart(name, histogram, [0, high], draw)
    panels.push(html`<figure class="panel"><figcaption><b>${name}</b> overlap ${(100 * histogram.overlap).toFixed(1)} %</figcaption>${chart}</figure>
`)
  }
  const words = [html`<span class="hit-word">Positive pairs</span>`, ', of one class, and ', html`<span class="miss-word">negative pairs</span>`, ', of two']
  const pairs = found[0]!.distances.positive.length.toLocaleString('en-GB')
  return section(
    'distances',
    'Distances',
    html`${words}: ${pairs} of each, drawn at random from the split “${samples.split}”. The less they overlap, the better a threshold tells them apart; the overlap is the share that both have in common. All charts have one scale of distances.`,
    html`<div class="panels">${panels}</div>`,
  )
}
