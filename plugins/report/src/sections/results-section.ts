import {
  compareMethods,
  descriptionsOf,
  formatGain,
  formatMetric,
  type Comparison,
  type ComparisonColumn,
  type ComparisonRow,
} from '../comparison/comparison.js'
import { type Html, html, type HtmlPart, section } from '@metric-learning/page'
import { missingNotes } from '../comparison/missing-notes.js'
import { hasRepeats, type Method } from '../comparison/method.js'
import type { Spread } from '../comparison/spread.js'
import { stopNotes, trainingFacts, type TrainingFact } from '../comparison/training-facts.js'
import { finalEvaluation } from '../record/final-evaluation.js'
import type { RunRecord } from '../record/run-record.js'
import { runMark } from './run-key.js'

/** More models than these side by side would be wider than a page: they stand one below the other. */
const MOST_COLUMNS = 4

/**
 * The table of each split: metrics of the untrained model and of each method, then what training took. Few models are columns; many,
 * and methods of several runs with these runs below them, are lines.
 *
 * @param underWay whether runs that have not ended go on. Default false: they were cut off.
 */
export function resultsSection(methods: readonly Method[], splits: readonly string[], { underWay = false } = {}): Html {
  const facts = trainingFacts(methods, { underWay })
  const runs = methods.flatMap((method) => method.runs)
  const tables = (splits.length > 0 ? splits : ['']).map((split, i) => {
    const comparison = compareMethods(methods, split)
    const caption = splits.length > 1 ? split : ''
    if (!hasRepeats(methods) && comparison.columns.length <= MOST_COLUMNS) return modelsAsColumns(comparison, methods, caption, i === 0 ? facts : [])
    return [modelsAsLines(comparison, methods, caption), i === 0 && factsAsLines(methods, facts)]
  })
  return section(
    'results',
    'Results',
    splits.length > 0
      ? [
          basis(runs),
          ...(hasRepeats(methods) ? ['Of a method with several runs: mean ± standard deviation (n − 1), its runs below it.'] : []),
          'Best values are bold; what a run gained over the untrained model stands beside them.',
          ...(Object.values(descriptionsOf(methods)).some(({ better }) => better === 'smaller') ? ['↓ marks metrics of which less is better.'] : []),
        ].join(' ')
      : 'No evaluation was finished.',
    tables,
    missingNotes(methods, splits).map((note) => html`<p class="note">${note}</p>`),
    stopNotes(runs).map((note) => html`<p class="note">${note}.</p>`),
  )
}

function basis(runs: readonly RunRecord[]): string {
  const best = runs.filter(({ result }) => result === 'best')
  if (best.length === 0) return 'Metrics of the last evaluation of each run.'
  if (best.length === runs.length) return 'Metrics of the best evaluation of each run.'
  return `Metrics of the best evaluation of ${best.map(({ name }) => name).join(', ')}, the last of the others.`
}

/** A table that may be wider than the page: then it scrolls by itself, and its edge shows that it goes on. */
function scrolling(kind: string, caption: string, content: HtmlPart): Html {
  const title = caption === '' ? undefined : html`<caption>${caption}</caption>`
  return html`<div class="scroll ${kind}" tabindex="0"><table>${title}
${content}
</table></div>
<p class="more ${kind}">The table goes on to the right.</p>
`
}

function modelsAsColumns(comparison: Comparison, methods: readonly Method[], caption: string, facts: readonly TrainingFact[]): Html {
  return scrolling('few', caption, [
    head(comparison, methods),
    html`
<tbody>${comparison.rows.map((row) => metricLine(row, comparison.columns))}</tbody>
`,
    facts.length > 0 && factLines(comparison, facts),
  ])
}

function head({ columns }: Comparison, methods: readonly Method[]): Html {
  const cells = columns.map(({ name, method }) => {
    if (!method) return html`<th scope="col">${name}</th>`
    return html`<th scope="col">${nameOf(method, methods)}</th>`
  })
  return html`<thead><tr><td></td>${cells}</tr></thead>`
}

function nameOf(method: Method, methods: readonly Method[]): HtmlPart {
  const about = method.description === undefined ? undefined : html`<span class="about">${method.description}</span>`
  return [html`<span class="run">${runMark(methods.indexOf(method))} ${method.name}</span>`, about]
}

function metricLine({ metric, values, best }: ComparisonRow, columns: readonly ComparisonColumn[]): Html {
  const cells = values.map((value, i) => html`<td>${withGain(value, baselineOf(columns[i]!, values), best[i]!)}</td>`)
  const meaning = metric.title === '' ? undefined : html`<span class="about">${metric.title}</span>`
  return html`<tr><th scope="row" title="${metric.meaning}">${metric.label}${meaning}</th>${cells}</tr>
`
}

const baselineOf = ({ baseline }: ComparisonColumn, values: readonly (Spread | undefined)[]): Spread | undefined =>
  baseline === undefined ? undefined : values[baseline]

function withGain(value: Spread | undefined, before: Spread | undefined, isBest: boolean): HtmlPart {
  const mean = formatMetric(value?.mean)
  const shown = [
    isBest ? html`<strong>${mean}</strong>` : mean,
    value?.deviation !== undefined && html`<span class="deviation">± ${formatMetric(value.deviation)}</span>`,
  ]
  if (value === undefined || before === undefined) return shown
  return [shown, html` <span class="gain">${formatGain(value.mean, before.mean)}</span>`]
}

function factLines({ columns }: Comparison, facts: readonly TrainingFact[]): Html {
  const empty = columns.filter(({ method }) => !method).map(() => html`<td></td>`)
  const rows = facts.map(
    ({
      label,
      values,
    }) => html`<tr><th scope="row">${label}</th>${empty}${values.map((value) => html`<td>${value}</td>`)}</tr>
`,
  )
  return html`<tbody class="facts">${rows}</tbody>`
}

/** A line a model, a column a metric. */
function modelsAsLines({ split, columns, rows }: Comparison, methods: readonly Method[], caption: string): Html | undefined {
  if (rows.length === 0) return undefined
  const titles = rows.map(({ metric }) => html`<th scope="col" title="${[metric.title, metric.meaning].filter(Boolean).join('. ')}">${metric.label}</th>`)
  const bodies = columns.map((column, i) => {
    const cells = rows.map(({ values, best }) => html`<td>${withGain(values[i], baselineOf(column, values), best[i]!)}</td>`)
    const name = column.method ? nameOf(column.method, methods) : column.name
    return html`<tbody><tr><th scope="row">${name}</th>${cells}</tr>
${column.method && runLines(column.method, split, rows)}</tbody>
`
  })
  return scrolling(rows.length > 3 ? 'many' : 'few', caption, [html`<thead><tr><td></td>${titles}</tr></thead>
`, bodies])
}

/** The runs of a method of several. */
function runLines({ name, runs }: Method, split: string, rows: readonly ComparisonRow[]): HtmlPart {
  if (runs.length === 1) return undefined
  return runs.map((run) => {
    const metrics = finalEvaluation(run, split)?.metrics[split]
    const cells = rows.map(({ metric }) => html`<td>${formatMetric(metrics?.[metric.key])}</td>`)
    return html`<tr class="single"><th scope="row">${run.name.startsWith(`${name}, `) ? run.name.slice(name.length + 2) : run.name}</th>${cells}</tr>
`
  })
}

function factsAsLines(methods: readonly Method[], facts: readonly TrainingFact[]): Html {
  const titles = facts.map(({ label }) => html`<th scope="col">${label}</th>`)
  const lines = methods.map(
    (method, i) => html`<tr><th scope="row"><span class="run">${runMark(i)} ${method.name}</span></th>${facts.map(({ values }) => html`<td>${values[i]}</td>`)}</tr>
`,
  )
  return scrolling('many facts', '', [html`<thead><tr><td></td>${titles}</tr></thead>
`, html`<tbody>${lines}</tbody>`])
}
