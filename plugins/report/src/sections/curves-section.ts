import { curveChart, type Curve } from '../charts/curve-chart.js'
import { thinReadings } from '../charts/thin-readings.js'
import { html, type Html } from '../html/html.js'
import { orderMetrics, type MetricDescription } from '../metrics/metric-description.js'
import type { RunRecord } from '../record/run-record.js'
import { runKey } from './run-key.js'
import { section } from './section.js'

/** A chart a metric with all runs in it, for each split; then the training loss of each run. */
export async function curvesSection(runs: readonly RunRecord[], splits: readonly string[]): Promise<Html | undefined> {
  const panels: Html[] = []
  for (const split of splits) {
    const keys = runs.flatMap(({ evaluations }) =>
      evaluations.flatMap(({ metrics }) => Object.keys(metrics[split] ?? {})),
    )
    for (const metric of orderMetrics(keys)) {
      const heading = splits.length > 1 ? `${metric.label}, ${split}` : metric.label
      panels.push(panel(heading, metric.name, await curveChart(heading, metricCurves(runs, split, metric))))
    }
  }
  for (const [series, run] of runs.entries()) {
    if (run.losses.length === 0) continue
    panels.push(
      panel('Training loss', run.name, await curveChart(`training loss of ${run.name}`, [lossCurve(run, series)])),
    )
  }
  if (panels.length === 0) return undefined
  return section(
    'curves',
    'Curves',
    [
      'Epoch 0 is the untrained model.',
      'Every chart has a scale of its own; losses of different kinds cannot be compared.',
      'Thin lines are single readings of the loss, marks the means of epochs.',
    ].join(' '),
    runKey(runs.map(({ name }) => name)),
    html`<div class="panels">${panels}</div>`,
  )
}

function panel(heading: string, about: string, chart: Html): Html {
  return html`<figure class="panel"><figcaption><b>${heading}</b> ${about}</figcaption>${chart}</figure>
`
}

function metricCurves(runs: readonly RunRecord[], split: string, { key }: MetricDescription): Curve[] {
  return runs.map(({ name, evaluations }, series) => ({
    name,
    series,
    points: evaluations.flatMap(({ epoch, metrics }) => {
      const value = metrics[split]?.[key]
      return value === undefined ? [] : [{ epoch, value }]
    }),
  }))
}

function lossCurve({ name, epochs, losses }: RunRecord, series: number): Curve {
  return {
    name,
    series,
    points: epochs.flatMap(({ epoch, complete, meanLoss }) =>
      complete && meanLoss !== undefined
        ? [{ epoch: epoch - 0.5, value: meanLoss, caption: `mean of epoch ${epoch}` }]
        : [],
    ),
    readings: thinReadings(losses),
  }
}
