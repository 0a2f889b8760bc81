import { type Html, html, section } from '@metric-learning/page'
import { curveChart, type Curve, type CurvePoint } from '../charts/curve-chart.js'
import { drawChart, type DrawChart } from '../charts/draw-chart.js'
import { meanCurve } from '../charts/mean-curve.js'
import { thinReadings } from '../charts/thin-readings.js'
import { descriptionsOf } from '../comparison/comparison.js'
import { hasRepeats, type Method } from '../comparison/method.js'
import { orderMetrics, type ReportedMetric } from '../metrics/metric-description.js'
import type { RunRecord } from '../record/run-record.js'
import { runKey } from './run-key.js'
import { loggedScalars, type LoggedScalar } from './scalar-curves.js'

/**
 * A chart a metric with all methods in it, for each split; then the training loss of each method, and what else was logged, grouped by how tags
 * begin. Of several runs the mean, in a band of one standard deviation.
 */
export async function curvesSection(methods: readonly Method[], splits: readonly string[], draw: DrawChart = drawChart): Promise<Html | undefined> {
  const panels: Html[] = []
  for (const split of splits) {
    const keys = methods.flatMap(({ runs }) =>
      runs.flatMap(({ evaluations }) => evaluations.flatMap(({ metrics }) => Object.keys(metrics[split] ?? {}))),
    )
    for (const metric of orderMetrics(keys, descriptionsOf(methods))) {
      const heading = splits.length > 1 ? `${metric.label}, ${split}` : metric.label
      panels.push(panel(heading, metric.title, await curveChart(heading, metricCurves(methods, split, metric), draw)))
    }
  }
  for (const [series, method] of methods.entries()) {
    if (method.runs.every(({ losses }) => losses.length === 0)) continue
    panels.push(
      panel('Training loss', method.name, await curveChart(`training loss of ${method.name}`, [lossCurve(method, series)], draw)),
    )
  }
  const scalars = loggedScalars(methods)
  const groups = new Map<string, Html[]>()
  for (const scalar of scalars.filter(({ constants }) => !constants)) {
    const [group] = scalar.tag.split('/') as [string]
    if (!groups.has(group)) groups.set(group, [])
    groups.get(group)!.push(panel(scalar.tag, '', await curveChart(scalar.tag, scalarCurves(methods, scalar), draw)))
  }
  if (panels.length === 0 && groups.size === 0) return undefined
  return section(
    'curves',
    'Curves',
    [
      'Epoch 0 is the untrained model.',
      'Every chart has a scale of its own; losses of different kinds cannot be compared.',
      methods.some(({ runs }) => runs.length === 1)
        ? 'Thin lines are single readings of the loss, marks the means of epochs.'
        : 'Marks of the loss are the means of epochs.',
      ...(hasRepeats(methods) ? ['Of several runs the line is the mean, the band one standard deviation to either side.'] : []),
    ].join(' '),
    runKey(methods.map(({ name, runs }) => (runs.length > 1 ? `${name}, ${runs.length} runs` : name))),
    html`<div class="panels">${panels}</div>`,
    [...groups].map(
      ([group, own]) => html`<h3 class="group">${group}</h3>
<div class="panels">${own}</div>
`,
    ),
    constantsList(methods, scalars),
  )
}

function panel(heading: string, about: string, chart: Html): Html {
  return html`<figure class="panel"><figcaption><b>${heading}</b> ${about}</figcaption>${chart}</figure>
`
}

function metricCurves(methods: readonly Method[], split: string, { key }: ReportedMetric): Curve[] {
  const pointsOf = ({ evaluations }: RunRecord): CurvePoint[] =>
    evaluations.flatMap(({ epoch, metrics }) => {
      const value = metrics[split]?.[key]
      return value === undefined ? [] : [{ epoch, value }]
    })
  return methods.map(({ name, runs }, series) => ({ name, series, points: meanCurve(runs.map(pointsOf)) }))
}

function lossCurve({ name, runs }: Method, series: number): Curve {
  const means = ({ epochs }: RunRecord): CurvePoint[] =>
    epochs.flatMap(({ epoch, complete, meanLoss }) =>
      complete && meanLoss !== undefined
        ? [{ epoch: epoch - 0.5, value: meanLoss, caption: `mean of epoch ${epoch}` }]
        : [],
    )
  const single = runs.length === 1 ? runs[0]!.losses.map(({ epoch, loss }) => ({ epoch, value: loss })) : []
  return { name, series, points: meanCurve(runs.map(means)), readings: thinReadings(single) }
}

function scalarCurves(methods: readonly Method[], { readings }: LoggedScalar): Curve[] {
  return methods.flatMap(({ name }, series) => {
    const own = readings[series]!
    return own.length === 0 ? [] : [{ name, series, points: thinReadings(meanCurve(own)), marks: false }]
  })
}

/** Scalars that stayed as they were, in words; nothing where there is none. */
function constantsList(methods: readonly Method[], scalars: readonly LoggedScalar[]): Html | undefined {
  const rows = scalars.flatMap(({ tag, constants }) => {
    if (!constants) return []
    const known = constants.flatMap((value, i) => (value === undefined ? [] : [{ name: methods[i]!.name, value: String(value) }]))
    const values = new Set(known.map(({ value }) => value))
    const text = values.size === 1 && known.length === methods.length ? known[0]!.value : known.map(({ name, value }) => `${name} ${value}`).join(', ')
    return [html`<div><dt>${tag}</dt><dd>${text}</dd></div>`]
  })
  if (rows.length === 0) return undefined
  return html`<div class="settings constants"><div><h3>Logged, and the same throughout</h3><dl>${rows}</dl></div></div>
`
}
