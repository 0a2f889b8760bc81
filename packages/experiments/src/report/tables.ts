import type { MeanInterval } from '../statistics/intervals.js'
import { SIGNIFICANCE, type MethodSummary, type MetricColumn, type Summary } from '../statistics/summary.js'

/** What stands above a table. */
export interface TableContext {
  /** What was judged, such as `test classes of Quick, Draw!`. */
  readonly title: string
  /** What a search could spend; absent where there was none. */
  readonly budget?: string
}

const VIEWS: Readonly<Record<Summary['view'], string>> = {
  run: 'Each method on the split that is held out',
  apart: 'The test set by the network of each fold',
  joined: 'The test set by the networks of all folds, their embeddings side by side',
}

/** Above a table: what is in it. */
export const captionOf = ({ view, methods, metrics }: Summary, budget?: string): string => {
  const repeats = Math.max(0, ...methods.filter(({ isBaseline }) => !isBaseline).flatMap(({ metrics }) => Object.values(metrics).map(({ count }) => count)))
  const intervals = repeats > 1 ? `mean with its 95 % interval (t) over ${repeats} repeats` : 'one repeat, without interval'
  const search = budget === undefined ? '' : ` Searched by ${budget}.`
  const others = metrics.filter(({ inPercent }) => !inPercent)
  const units = others.length === 0 ? 'in percent, ' : others.length === metrics.length ? '' : `in percent but for ${others.map(({ label }) => label).join(', ')}, `
  return `${VIEWS[view]}; ${units}${intervals}.${repeats > 1 ? ` Bold: better than each other method, paired, p < ${SIGNIFICANCE} after Holm.` : ''}${search}`
}

/** How a metric is called in the columns of a table. */
export const labelOf = (metrics: Summary['metrics'], metric: string): string => metrics.find(({ name }) => name === metric)?.label ?? metric

/** A value as it is shown: `31.2 ± 0.4`, in percent where its metric is. */
export function shown({ mean, half }: MeanInterval, { inPercent, decimals }: MetricColumn): string {
  const digits = (value: number) => (inPercent ? 100 * value : value).toFixed(decimals)
  return half === undefined ? digits(mean) : `${digits(mean)} ± ${digits(half)}`
}

/** Heads paired differences: `Paired differences in P@1, in points`. */
export const differencesIn = ({ label, inPercent }: MetricColumn): string => `Paired differences in ${label}${inPercent ? ', in points' : ''}`

/** `12 min`, `40 s`. */
export const duration = (seconds: number): string => (seconds < 120 ? `${seconds.toFixed(0)} s` : seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`)

/** `1.2 GiB`. */
export const memory = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`

/** Time and memory of a run, where they are known. */
export const costs = ({ trainingSeconds, peakMemory }: MethodSummary): readonly [time: string, memory: string] => [trainingSeconds ? duration(trainingSeconds.mean) : '–', peakMemory === undefined ? '–' : memory(peakMemory)]

/** A p: `0.013`, `< 0.001`. */
export const probability = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3))

/** A name for Markdown, where it would be read as bold, HTML or code. */
const plain = (name: string): string => name.replaceAll(/[\\*<`]/g, '\\$&')

/** Tables in Markdown, and the paired differences behind them in the metric that counts. */
export function markdownTables(summaries: readonly Summary[], metric: string, { title, budget }: TableContext): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const blocks = summaries.flatMap((summary) => {
    const { methods, metrics } = summary
    const head = ['method', ...metrics.map(({ label }) => label), 'time of a run', 'peak memory']
    const lines = methods.map((method) => {
      const cell = (metric: MetricColumn) => {
        const value = method.metrics[metric.name]
        if (value === undefined) return '–'
        return method.best.includes(metric.name) ? `**${shown(value, metric)}**` : shown(value, metric)
      }
      return row([plain(method.name), ...metrics.map(cell), ...costs(method)])
    })
    return [`### ${title}`, captionOf(summary, budget), [row(head), row(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...lines].join('\n'), ...notes(methods), ...differences(summary, metric, row)]
  })
  return `${blocks.join('\n\n')}\n`
}

const notes = (methods: readonly MethodSummary[]): readonly string[] => methods.flatMap(({ name, note }) => (note === undefined ? [] : [`${plain(name)}: ${note}`]))

function differences({ comparisons, metrics }: Summary, metric: string, row: (cells: readonly string[]) => string): readonly string[] {
  const own = comparisons.filter((comparison) => comparison.metric === metric && comparison.difference.half !== undefined)
  if (own.length === 0) return []
  const column = metrics.find(({ name }) => name === metric)!
  const lines = own.map(({ method, other, difference, adjusted }) => row([`${plain(method)} − ${plain(other)}`, shown(difference, column), probability(difference.p!), probability(adjusted!)]))
  return [`${differencesIn(column)}:`, [row(['', 'difference, 95 %', 'p', 'p after Holm']), row(['---', '---:', '---:', '---:']), ...lines].join('\n')]
}

/** The same tables in LaTeX; they need the package booktabs. */
export function latexTables(summaries: readonly Summary[], { title, budget }: TableContext): string {
  return summaries
    .map((summary) => {
      const { methods, metrics } = summary
      const cell = (method: MethodSummary, metric: MetricColumn) => {
        const value = method.metrics[metric.name]
        if (value === undefined) return '--'
        const text = shown(value, metric).replace('±', '\\pm')
        // `\textbf` leaves formulas as they are.
        return method.best.includes(metric.name) ? `$\\mathbf{${text}}$` : `$${text}$`
      }
      return [
        '\\begin{table}',
        `\\caption{${escaped(`${title}. ${captionOf(summary, budget)}`)}}`,
        `\\begin{tabular}{l${'r'.repeat(metrics.length + 2)}}`,
        '\\toprule',
        `${['method', ...metrics.map(({ label }) => label), 'time of a run', 'peak memory'].map(escaped).join(' & ')} \\\\`,
        '\\midrule',
        ...methods.map((method) => `${[escaped(method.name), ...metrics.map((metric) => cell(method, metric)), ...costs(method).map((cost) => escaped(cost.replace('–', '--')))].join(' & ')} \\\\`),
        '\\bottomrule',
        '\\end{tabular}',
        '\\end{table}',
      ].join('\n')
    })
    .join('\n\n')
}

/** Of what LaTeX reads otherwise, what it is to read; `<` is an inverted exclamation mark in its default encoding. */
const LATEX: Readonly<Record<string, string>> = { '\\': '\\textbackslash{}', '^': '\\textasciicircum{}', '~': '\\textasciitilde{}', '±': '$\\pm$', '−': '$-$', '↓': '$\\downarrow$', '<': '$<$', '>': '$>$', '|': '\\textbar{}' }

const escaped = (text: string): string => text.replaceAll(/[\\^~±−↓<>|&%$#_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`)
