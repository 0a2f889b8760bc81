import {
  compareRuns,
  formatGain,
  formatMetric,
  type Comparison,
  type ComparisonColumn,
  type ComparisonRow,
} from '../comparison/comparison.js'
import { stopNotes, trainingFacts } from '../comparison/training-facts.js'
import { html, type Html } from '../html/html.js'
import type { RunRecord } from '../record/run-record.js'
import { runMark } from './run-key.js'
import { section } from './section.js'

/** The table of each split: metrics of the untrained model and of each run, then what training took. */
export function resultsSection(runs: readonly RunRecord[], splits: readonly string[]): Html {
  const tables = (splits.length > 0 ? splits : ['']).map((split, i) => {
    const comparison = compareRuns(runs, split)
    const caption = splits.length > 1 ? html`<caption>${split}</caption>` : undefined
    const width = comparison.columns.length > 4 ? 'many' : 'few'
    return html`<div class="scroll"><table class="${width}">${caption}
${head(comparison, runs)}
<tbody>${comparison.rows.map((row) => metricRow(row, comparison.columns))}</tbody>
${i === 0 ? facts(comparison, runs) : undefined}
</table></div>
`
  })
  const evaluated = splits.length > 0
  return section(
    'results',
    'Results',
    evaluated
      ? `${basis(runs)} Best values are bold; what a run gained over the untrained model stands beside them.`
      : 'No evaluation was finished.',
    tables,
    stopNotes(runs).map((note) => html`<p class="note">${note}.</p>`),
  )
}

function basis(runs: readonly RunRecord[]): string {
  const best = runs.filter(({ result }) => result === 'best')
  if (best.length === 0) return 'Metrics of the last evaluation of each run.'
  if (best.length === runs.length) return 'Metrics of the best evaluation of each run.'
  return `Metrics of the best evaluation of ${best.map(({ name }) => name).join(', ')}, the last of the others.`
}

function head({ columns }: Comparison, runs: readonly RunRecord[]): Html {
  const cells = columns.map(({ name, run }) => {
    if (!run) return html`<th scope="col">${name}</th>`
    const about = run.description === undefined ? undefined : html`<span class="about">${run.description}</span>`
    return html`<th scope="col"><span class="run">${runMark(runs.indexOf(run))} ${name}</span>${about}</th>`
  })
  return html`<thead><tr><td></td>${cells}</tr></thead>`
}

function metricRow({ metric, values, best }: ComparisonRow, columns: readonly ComparisonColumn[]): Html {
  const cells = values.map((value, i) => {
    const baseline = columns[i]!.baseline
    const before = baseline === undefined ? undefined : values[baseline]
    const gain =
      value === undefined || before === undefined
        ? undefined
        : html` <span class="gain">${formatGain(value, before)}</span>`
    const shown = best[i] ? html`<strong>${formatMetric(value)}</strong>` : formatMetric(value)
    return html`<td>${shown}${gain}</td>`
  })
  const meaning = metric.name === '' ? undefined : html`<span class="about">${metric.name}</span>`
  return html`<tr><th scope="row" title="${metric.meaning}">${metric.label}${meaning}</th>${cells}</tr>
`
}

function facts({ columns }: Comparison, runs: readonly RunRecord[]): Html {
  const empty = columns.filter(({ run }) => !run).map(() => html`<td></td>`)
  const rows = trainingFacts(runs).map(
    ({
      label,
      values,
    }) => html`<tr><th scope="row">${label}</th>${empty}${values.map((value) => html`<td>${value}</td>`)}</tr>
`,
  )
  return html`<tbody class="facts">${rows}</tbody>`
}
