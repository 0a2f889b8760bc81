import type { MarkdownWriter } from '@metric-learning/loss-pages'
import { readMetrics, type DocumentedMetric } from '../code/read-metrics.js'
import { anchorOf } from '../headings.js'
import { errorList, note, oneLine, paragraphOf, table } from './writer.js'

const JUDGES: Readonly<Record<string, string>> = {
  ranks: 'the ranks of matches',
  neighbours: 'the nearest references',
  embeddings: 'embeddings',
  pool: 'the distances of all queries in one pool',
  clusters: 'clusters',
}

/**
 * docs/metrics: a page for each, and a table of all.
 *
 * @param definitions docs/metrics.md, to whose sections the pages lead
 */
export function metricPages(definitions: string, write: MarkdownWriter): ReadonlyMap<string, string> {
  const metrics = readMetrics()
  return new Map([['README.md', overview(metrics, write)], ...metrics.map((metric): [string, string] => [`${metric.name}.md`, metricPage(metric, definitions, write)])])
}

function metricPage(metric: DocumentedMetric, definitions: string, write: MarkdownWriter): string {
  const { name, paragraphs, fields, tags, file } = metric
  const depth = fields.get('depth') ?? fields.get('neighbours')
  const lead = paragraphs[0]!.startsWith('See ') ? [] : [paragraphOf(paragraphs[0]!, write)]
  const parts = [
    note(file),
    `# ${fields.get('label') ?? name}`,
    write.prose(fields.get('meaning') ?? ''),
    ...lead,
    ...paragraphs.slice(1).map((paragraph) => paragraphOf(paragraph, write)),
    `\`\`\`ts\n${exampleOf(metric)}\n\`\`\``,
    table(
      ['', ''],
      [
        ['name', `\`${fields.get('name')!}\``],
        ['in full', write.cell(fields.get('title') ?? '')],
        ['judges', JUDGES[fields.get('judges')!]!],
        ['better', fields.get('better') === 'smaller' ? 'smaller' : 'larger'],
        ...(depth === undefined ? [] : [['looks at', depthInWords(depth)]]),
      ],
    ),
    ...errorList(tags.get('throws') ?? [], write),
    ...(tags.has('see') ? ['## Source', write.prose(oneLine(tags.get('see')!.join(' ')))] : []),
    `[Formula, edge cases and an example](../metrics.md#${sectionOf(metric, definitions)}) · [Code](../../${file}) · [All metrics](README.md)`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** The section of the page of definitions that tells of it. */
function sectionOf({ name, call }: DocumentedMetric, definitions: string): string {
  const headings = [...definitions.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading!)
  const stem = call ? name.replace(/K$/, '') : name
  const found = headings.find((heading) => (call ? new RegExp(`\\(\`${stem}[\\d.]*\`\\)`) : new RegExp(`\\(\`${stem}\`\\)`)).test(heading))
  if (!found) throw new Error(`docs/metrics.md has no section about ${name}.`)
  return anchorOf(found)
}

const depthInWords = (depth: string): string =>
  ({ matches: 'as many neighbours as a query has matches', all: 'all references', k: 'k neighbours', '1': 'the nearest neighbour' })[depth.replaceAll("'", '')] ?? `\`${depth}\``

function exampleOf({ name, call, fields }: DocumentedMetric): string {
  if (!call) return `import { AccuracyCalculator } from '@metric-learning/evaluation'\n\nconst calculator = new AccuracyCalculator({ include: ['${fields.get('name')!}'] })`
  const given = { '()': '()', '(fmr)': '(0.01)', '(k)': '(5)' }[call.slice(name.length)]
  if (given === undefined) throw new Error(`There is no example of ${call}.`)
  return `import { AccuracyCalculator, ${name} } from '@metric-learning/evaluation'\n\nconst calculator = new AccuracyCalculator({ metrics: [${name}${given}] })`
}

function overview(metrics: readonly DocumentedMetric[], write: MarkdownWriter): string {
  const rows = metrics.map(({ name, call, fields }) => [
    `[${fields.get('label') ?? name}](${name}.md)`,
    `\`${call ?? fields.get('name')!}\``,
    JUDGES[fields.get('judges')!]!,
    write.cell(fields.get('meaning') ?? ''),
  ])
  return `${note('packages/evaluation/src/metrics')}

# Metrics

What each says. How all of them are defined, with formulas, edge cases and one example that is worked out for each: [definitions](../metrics.md).

${table(['metric', 'name', 'judges', 'what it says'], rows)}
`
}
