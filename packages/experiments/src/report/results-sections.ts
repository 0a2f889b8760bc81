import { html, section, type Html, type HtmlPart } from '@metric-learning/page'
import { drawChart } from '@metric-learning/report'
import type { MeanInterval } from '../statistics/intervals.js'
import { SIGNIFICANCE, type MethodSummary, type MetricColumn, type Summary } from '../statistics/summary.js'
import { captionOf, costs, differencesIn, labelOf, latexTables, markdownTables, probability, shown, type TableContext } from './tables.js'

/** Rules for the sections below. */
export const RESULTS_STYLE = `
.baseline th, .baseline td { color: var(--muted) }
details { margin-top: 16px } summary { color: var(--muted); cursor: pointer } .intervals .panel svg { max-width: 420px }
`

/** Who is best in the metric that counts, in words; nothing that chance may have made. */
export function summaryInWords(summaries: readonly Summary[], metric: string): string {
  const { methods, metrics: columns, view } = summaries.at(-1)!
  const best = methods.find((method) => method.best.includes(metric))
  const counted = methods.filter(({ isBaseline, metrics }) => !isBaseline && metrics[metric] !== undefined)
  const column = columns.find(({ name }) => name === metric)
  const values = counted.length > 4 || !column ? '' : ` ${counted.map(({ name, metrics }) => `${name} ${shown(metrics[metric]!, column)}`).join(', ')}.`
  const where = { run: '', apart: ' of the test set, folds apart', joined: ' of the test set, folds joined' }[view]
  if (counted.length < 2) return `${labelOf(columns, metric)}${column?.inPercent ? ' in percent' : ''}${where}:${values}`
  return `${best ? `${best.name} is better than ${counted.length === 2 ? 'the other method' : `each of ${counted.length - 1} other methods`} beyond chance` : `No method is better than all others beyond chance`}, by ${labelOf(columns, metric)}${where}.${values}`
}

const HEADINGS: Readonly<Record<Summary['view'], string>> = { run: 'Results', apart: 'Folds apart', joined: 'Folds joined' }

/** Tables, plots of intervals and paired differences of an experiment, in place of a report's own table. */
export async function resultsSections(summaries: readonly Summary[], metric: string, context: TableContext): Promise<HtmlPart> {
  const sections: Html[] = []
  for (const summary of summaries) {
    const { view, methods } = summary
    sections.push(
      section(
        `results-${context.title}-${view}`.replaceAll(/[^\w-]/g, '-'),
        `${HEADINGS[view]}: ${context.title}`,
        captionOf(summary, context.budget),
        table(summary),
        methods.flatMap(({ name, note }) => (note === undefined ? [] : [html`<p class="note">${name}: ${note}</p>`])),
        html`<div class="panels intervals">${await intervalPlots(summary)}</div>`,
        differences(summary, metric),
      ),
    )
  }
  return [
    ...sections,
    section(
      `tables-${context.title}`.replaceAll(/[^\w-]/g, '-'),
      `Tables to copy: ${context.title}`,
      '',
      html`<details><summary>Markdown</summary><pre><code>${markdownTables(summaries, metric, context)}</code></pre></details>`,
      html`<details><summary>LaTeX</summary><pre><code>${latexTables(summaries, context)}</code></pre></details>`,
    ),
  ]
}

function table({ methods, metrics }: Summary): Html {
  const cell = (method: MethodSummary, metric: MetricColumn): HtmlPart => {
    const value = method.metrics[metric.name]
    if (value === undefined) return html`<td>–</td>`
    const [mean, half] = shown(value, metric).split(' ± ')
    const content = html`${mean}${half !== undefined && html`<span class="deviation">± ${half}</span>`}`
    return html`<td>${method.best.includes(metric.name) ? html`<strong>${content}</strong>` : content}</td>`
  }
  return html`<div class="scroll"><table class="many"><thead><tr><th>method</th>${metrics.map(({ label }) => html`<th>${label}</th>`)}<th>time</th><th>peak memory</th></tr></thead>
<tbody>${methods.map((method) => html`<tr${method.isBaseline && html` class="baseline"`}><th>${method.name}</th>${metrics.map((metric) => cell(method, metric))}${costs(method).map((cost) => html`<td>${cost}</td>`)}</tr>`)}</tbody></table></div>
<p class="more many">The table goes on to the right.</p>`
}

/** Pixels of a method's line. */
const LINE = 22

/** Of each metric the mean and the interval of each method, one below the other. */
async function intervalPlots({ methods, metrics }: Summary): Promise<readonly Html[]> {
  const measured = metrics.filter(({ name }) => methods.some((method) => method.metrics[name] !== undefined))
  return Promise.all(measured.map(async (metric) => html`<figure class="panel"><figcaption><b>${metric.label}</b>${metric.inPercent && ' in percent'}</figcaption>${await intervalPlot(metric, methods)}</figure>`))
}

function intervalPlot(metric: MetricColumn, methods: readonly MethodSummary[]): Promise<Html> | Html {
  const factor = metric.inPercent ? 100 : 1
  const values = methods.flatMap(({ name, isBaseline, metrics }) => {
    const value: MeanInterval | undefined = metrics[metric.name]
    if (!value) return []
    const { mean, half = 0 } = value
    return [{ name, kind: isBaseline ? 'baseline' : 'method', mean: factor * mean, low: factor * (mean - half), high: factor * (mean + half), description: `${name}: ${shown(value, metric)}` }]
  })
  const colour = { field: 'kind', type: 'nominal', legend: null, scale: { domain: ['method', 'baseline'], range: ['var(--blue)', 'var(--rule)'] } } as const
  const y = { field: 'name', type: 'nominal', sort: null, axis: { title: null, labelLimit: 180, ticks: false, domain: false } } as const
  return drawChart(
    {
      width: 330,
      height: LINE * values.length + 34,
      autosize: { type: 'fit', contains: 'padding' },
      padding: { left: 0, right: 10, top: 4, bottom: 4 },
      data: { values },
      layer: [
        { mark: { type: 'rule', strokeWidth: 2, aria: false }, encoding: { y, x: { field: 'low', type: 'quantitative', scale: { zero: false, padding: 8 }, axis: { title: null, tickCount: 4 } }, x2: { field: 'high' }, color: colour } },
        { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding: { y, x: { field: 'mean', type: 'quantitative' }, color: colour, description: { field: 'description' } } },
      ],
    },
    `Means and intervals of ${metric.label}. ${values.map(({ description }) => description).join(', ')}.`,
  )
}

function differences({ comparisons, metrics }: Summary, metric: string): HtmlPart {
  const own = comparisons.filter((comparison) => comparison.metric === metric && comparison.difference.p !== undefined)
  if (own.length === 0) return undefined
  const column = metrics.find(({ name }) => name === metric)!
  const sure = own.filter(({ adjusted }) => adjusted! < SIGNIFICANCE).length
  return html`<details${own.length <= 6 && html` open`}><summary>${differencesIn(column)}: ${sure} of ${own.length} beyond chance</summary>
<div class="scroll"><table class="many"><thead><tr><th>difference</th><th>mean, 95 %</th><th>p</th><th>p after Holm</th></tr></thead>
<tbody>${own.map(({ method, other, difference, adjusted }) => html`<tr><th>${method} − ${other}</th><td>${shown(difference, column)}</td><td>${probability(difference.p!)}</td><td>${adjusted! < SIGNIFICANCE ? html`<strong>${probability(adjusted!)}</strong>` : probability(adjusted!)}</td></tr>`)}</tbody></table></div></details>`
}
