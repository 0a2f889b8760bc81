import { MarkdownWriter, mathBlock, partOptionDoc, table } from '@metric-learning/loss-pages'
import type { DocumentedCode, DocumentedExport } from '../code/read-exports.js'
import { hasPage, pageAbout } from './part-rooms.js'

/** What names in docstrings lead to, from a folder in docs: pages of parts and metrics. */
export function writerFor(code: DocumentedCode): MarkdownWriter {
  const pages = code.exports.filter(hasPage).map((part): [string, string] => [part.name, pageAbout(part)])
  const metrics = code.exports.filter(({ name }) => METRIC_FUNCTIONS.includes(name)).map(({ name }): [string, string] => [name, `../metrics/${name}.md`])
  return new MarkdownWriter(new Map([...pages, ...metrics]))
}

/** Functions that make a metric. */
export const METRIC_FUNCTIONS: readonly string[] = ['cmc', 'fnmrAtFmr', 'knnClassifierAccuracy', 'nearestCentroidAccuracy', 'precisionAtK', 'recallAtK']

export const note = (from: string): string => `<!-- Written by \`npm run docs:pages\` from ${from}; change it there. -->`

/** A paragraph of a docstring; one that is indented is a block of plain text. */
export const paragraphOf = (text: string, write: MarkdownWriter): string =>
  /^ {4}/.test(text) ? `\`\`\`text\n${text.replaceAll(/^ {4}/gm, '')}\n\`\`\`` : write.prose(text).replaceAll(/\\\*([^*]+)\\\*/g, '*$1*')

/** The last paragraph of a docstring where it says what comes from where. */
export const sourceOf = ({ paragraphs }: DocumentedExport): string | undefined => [paragraphs.at(-1)!].find((text) => paragraphs.length > 1 && /\b(19|20)\d\d\b|of PyTorch Metric Learning/.test(text))

/** The docstring without its first paragraph, which pages lead with, and without its source. */
export const restOf = (documented: DocumentedExport, write: MarkdownWriter): readonly string[] =>
  documented.paragraphs.slice(1, sourceOf(documented) === undefined ? undefined : -1).map((text) => paragraphOf(text, write))

/** Options in a table, those that have to be given first. */
export function optionTable({ options, paragraphs }: DocumentedExport, write: MarkdownWriter): string {
  const ofDistance = /Default distance (\{@link \w+\})/.exec(paragraphs.join(' '))?.[1]
  const rows = [...options].sort((one, other) => Number(other.isRequired) - Number(one.isRequired)).map((option) => {
    const { prose, default: stated, saysScheduled } = partOptionDoc(option.doc)
    return [
      `[\`${option.name}\`](../options/${optionPage(option.name)})`,
      option.name === 'distance' && ofDistance ? write.cell(ofDistance) : stated !== undefined ? write.cell(stated) : option.isRequired ? 'has to be given' : '',
      code(option.type),
      saysScheduled ? 'yes' : 'no',
      write.cell(prose.replace(' Each miner names its default.', '')),
    ]
  })
  return table(['option', 'default', 'type', 'may be scheduled', 'what it is'], rows)
}

/** The page of an option: `K` and `k` share one, since some file systems do not tell cases apart. */
export const optionPage = (name: string): string => `${name[0]!.toLowerCase()}${name.slice(1)}.md`

/** A type in a cell of a table. */
export const code = (type: string): string => `\`${type.replaceAll('|', '\\|').replace(/^Schedulable$/, 'number')}\``

export const errorList = (errors: readonly string[], write: MarkdownWriter): readonly string[] =>
  errors.length === 0 ? [] : ['## Errors', errors.map((error) => `- ${write.prose(oneLine(error).replace(/^\{(\w+)\}/, '{@link $1}'))}`).join('\n')]

export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

export const firstSentence = (text: string): string => /^.*?\.(?= |$)/s.exec(text)?.[0] ?? text

export { mathBlock, table, partOptionDoc }
