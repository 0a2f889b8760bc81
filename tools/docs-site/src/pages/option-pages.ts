import type { MarkdownWriter } from '@metric-learning/loss-pages'
import type { DocumentedCode, DocumentedExport } from '../code/read-exports.js'
import { pageAbout } from './part-rooms.js'
import { code as typeCell, note, optionPage, partOptionDoc, table } from './writer.js'

/** Rooms whose functions are for authors of parts rather than for runs. */
const FOR_AUTHORS: readonly string[] = ['packages/contracts', 'packages/create-metric-learning-plugin', 'packages/ops', 'packages/page', 'packages/plugin-testkit', 'packages/tensorboard-logger-ts']

/** What is exported for makers of parts, and takes more than plain options. */
const BASES = /^(metricLoss|MetricLoss|classVectorsLoss|metricMiner|tripletsWhere|\w+Error|readyRow|descriptionOf|formatDiagnosis|uploadSamples|encodeSafetensors)$/

/** Everything with options that a run is put together from. */
export const partsWithOptions = ({ exports }: DocumentedCode): readonly DocumentedExport[] =>
  exports.filter(({ room, name, options }) => options.length > 0 && !FOR_AUTHORS.includes(room) && !BASES.test(name))

/** docs/options: a page for each option by its name, with all that take it, and a table of all. */
export function optionPages(code: DocumentedCode, write: MarkdownWriter): ReadonlyMap<string, string> {
  const parts = partsWithOptions(code)
  const names = [...new Set(parts.flatMap(({ options }) => options.map(({ name }) => name)))].sort((one, other) => one.localeCompare(other, 'en'))
  const files = new Map<string, string[]>()
  for (const name of names) files.set(optionPage(name), [...(files.get(optionPage(name)) ?? []), name])
  return new Map([['README.md', overview(names, parts)], ...[...files].map(([file, shared]): [string, string] => [file, pageOf(shared, parts, write)])])
}

/** @param names most often one */
function pageOf(names: readonly string[], parts: readonly DocumentedExport[], write: MarkdownWriter): string {
  const tables = names.map((name) => {
    const rows = takersOf(name, parts).map((part) => {
      const { doc, type, isRequired } = part.options.find((option) => option.name === name)!
      const { prose, default: stated, saysScheduled } = partOptionDoc(doc)
      return [linkTo(part), stated !== undefined ? write.cell(stated) : isRequired ? 'has to be given' : '', typeCell(type), saysScheduled ? 'yes' : 'no', write.cell(prose)]
    })
    return `# Option \`${name}\`\n\n${table(['of', 'default', 'type', 'may be scheduled', 'what it is'], rows)}`
  })
  return `${note('docstrings')}

${tables.join('\n\n')}

[All options](README.md). An option that is unknown, of the wrong kind or out of range is an [\`OptionError\`](../errors.md#ml_option) where it is given.
`
}

const takersOf = (name: string, parts: readonly DocumentedExport[]): readonly DocumentedExport[] => parts.filter(({ options }) => options.some((option) => option.name === name))

/** A part with its page, or with that of its package. */
const linkTo = (part: DocumentedExport): string => `[\`${part.name}\`](${pageAbout(part)})`

function overview(names: readonly string[], parts: readonly DocumentedExport[]): string {
  const rows = names.map((name) => {
    const takers = takersOf(name, parts)
    const shown = takers.slice(0, 3).map((part) => `\`${part.name}\``).join(', ')
    return [`[\`${name}\`](${optionPage(name)})`, takers.length > 3 ? `${shown} and ${takers.length - 3} more` : shown]
  })
  return `${note('docstrings')}

# Options

Every option by its name, with all that take it. Options have the names of the literature and of PyTorch Metric Learning, in camelCase. Those that say so take a
\`Scheduled\` in place of a number, which may change during a run ([how](../questions/change-numbers-during-a-run.md)).

${table(['option', 'of'], rows)}
`
}
