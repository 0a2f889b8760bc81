import { LIBRARIES, METRICS, SCHEME_NAMES, type Library, type Metric, type SchemeResult } from './result.js'

const METRIC_NAMES = Object.keys(METRICS) as readonly Metric[]

/** Between these lines of the page stands what was measured. */
const [BEGIN, END] = ['<!-- measured by npm run bench:schemes -->', '<!-- end of what was measured -->']

/** The page with another table; what stands around it is written by hand. */
export function pageWith(page: string, results: readonly SchemeResult[], circumstances: string): string {
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`the page has no lines "${BEGIN}" and "${END}" to put the table between`)
  return [before!, BEGIN, '\n\n', [...schemesTable(results), '', circumstances].join('\n'), '\n\n', END, after].join('')
}

/** Mean and range of each metric by each library, a row for each scheme, and before these one for the untrained network. */
export function schemesTable(results: readonly SchemeResult[]): string[] {
  const title = ['', 'seeds', ...METRIC_NAMES.flatMap((metric) => LIBRARIES.map((library) => `${METRICS[metric]}, ${library}`))]
  const rule = title.map((_, i) => (i === 0 ? '---' : '---:'))
  const of = (library: Library, scheme: string) => results.filter((result) => result.library === library && result.scheme === scheme)
  const row = (name: string, values: (library: Library, metric: Metric) => readonly number[]) => {
    const seeds = LIBRARIES.map((library) => values(library, METRIC_NAMES[0]!).length)
    const cells = METRIC_NAMES.flatMap((metric) => {
      const [ours, theirs] = LIBRARIES.map((library) => values(library, metric)) as [readonly number[], readonly number[]]
      return [shown(ours), shown(theirs) + (isApart(ours, theirs) ? ' *' : '')]
    })
    return [name, seeds.filter((count) => count > 0).join(', '), ...cells]
  }
  const rows = [
    row('untrained', (library, metric) => of(library, SCHEME_NAMES[0]!).map(({ untrained }) => untrained[metric])),
    ...SCHEME_NAMES.flatMap((scheme) => {
      const start = scheme === 'fineTuning' ? [row('`fineTuning`, before its first step', (library, metric) => of(library, scheme).map(({ untrained }) => untrained[metric]))] : []
      return [...start, row(`\`${scheme}\``, (library, metric) => of(library, scheme).map(({ trained }) => trained[metric]))]
    }),
  ]
  return [title, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function shown(values: readonly number[]): string {
  if (values.length === 0) return '–'
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return `${mean(values).toFixed(3)} (${least.toFixed(3)}–${most.toFixed(3)})`
}

/** Whether means differ by more than the wider of the two ranges. */
function isApart(...[ours, theirs]: readonly [readonly number[], readonly number[]]): boolean {
  if (ours.length === 0 || theirs.length === 0) return false
  const range = Math.max(...[ours, theirs].map((values) => Math.max(...values) - Math.min(...values)))
  return Math.abs(mean(ours) - mean(theirs)) > range
}
