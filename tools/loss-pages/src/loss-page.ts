import type { Loss } from '@metric-learning/contracts'
import { capabilitiesOf, unitsOf } from './capabilities.js'
import type { DeclaredOption, DocumentedLoss } from './losses.js'
import { mathBlock, type MarkdownWriter } from './markdown.js'
import { partOptionDoc } from './option-doc.js'

/** What a page shows beside the text: the picture, and what it is of. */
export interface Picture {
  readonly path: string
  readonly over: string
  readonly caption: string
}

/** A page about a loss, in Markdown. */
export function lossPage(loss: DocumentedLoss, write: MarkdownWriter, picture: Picture | undefined): string {
  const { name, source } = loss
  const parts = [
    `<!-- Written by \`npm run docs:losses\` from plugins/losses/src/${source.file}; change it there. -->`,
    `# ${name}`,
    `Over ${unitsOf(loss)}. Takes ${capabilitiesOf(loss).join(', ').replace(/, (?=learns)/, '; ')}.`,
    ...leadWithFormulas(loss, write),
    `**When to use it.** ${write.prose(source.useWhen)}`,
    ...(picture ? [`![${name} over the ${picture.over}](${picture.path})`, picture.caption] : []),
    ...source.paragraphs.slice(1).map((paragraph) => write.prose(paragraph)),
    '## Options',
    `\`\`\`ts\n${exampleOf(loss)}\n\`\`\``,
    optionTable(loss, write),
    ...(source.errors.length > 0 ? ['## Errors', source.errors.map((error) => `- ${write.prose(withType(error))}`).join('\n')] : []),
    '## Source',
    write.prose(source.source),
    `[Code](../../plugins/losses/src/${source.file}) · [All losses](README.md)`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** The first paragraph, with formulas set in type in place of those in plain text, or before it. */
function leadWithFormulas({ name, source }: DocumentedLoss, write: MarkdownWriter): readonly string[] {
  const [lead = ''] = source.paragraphs
  const formulas = source.formulas.map(mathBlock)
  const texts = lead.split(/`[^`]*`/)
  if (formulas.length === 0 || texts.length === 1) return [...formulas, write.prose(lead)]
  if (texts.length !== formulas.length + 1) {
    throw new Error(`${name}: its first paragraph has ${texts.length - 1} formulas in plain text, and its tags ${formulas.length}.`)
  }
  return texts.flatMap((text, i) => {
    const after = i === 0 ? text.trim() : text.replace(/^[\s.,:;]+/, '').trim()
    return [...(after === '' ? [] : [write.prose(after)]), ...(formulas[i] === undefined ? [] : [formulas[i]])]
  })
}

function exampleOf({ name, source, required }: DocumentedLoss): string {
  const given = Object.entries(required).map(([option, value]) => `${option}: ${isLoss(value) ? `new ${value.name}()` : String(value)}`)
  const code = source.example ?? `const loss = new ${name}(${given.length > 0 ? `{ ${given.join(', ')} }` : ''})`
  const names = [...new Set([...code.matchAll(/new (\w+)\(/g)].map(([, used]) => used!))].sort()
  const ofTensors = code.includes('tf.') ? "import * as tf from '@tensorflow/tfjs-core'\n" : ''
  return `${ofTensors}import { ${names.join(', ')} } from '@metric-learning/losses'\n\n${code}`
}

const isLoss = (value: unknown): value is Loss => typeof value === 'object' && value !== null && 'compute' in value

function optionTable({ declaredOptions, source }: DocumentedLoss, write: MarkdownWriter): string {
  const rows = Object.entries(declaredOptions).map(([option, declared]) => {
    const { prose, default: stated } = partOptionDoc(source.options.get(option) ?? '')
    const takes = option === 'distance' && source.onlyMeasure ? `a \`${source.onlyMeasure}\` and no other` : declared.takes
    const fallback = source.made.get(option)
    const ofDefault = fallback ? `\`${fallback}\`` : declared.presence === 'required' ? 'has to be given' : (stated ?? '')
    return [`\`${option}\``, write.cell(ofDefault), write.cell(takes), scheduled(declared), write.cell(prose)]
  })
  return table(['option', 'default', 'takes', 'may be scheduled', 'what it is'], rows)
}

const scheduled = ({ isSchedulable }: DeclaredOption): string => (isSchedulable ? 'yes' : 'no')

/** A table in Markdown. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n')
}

/** `{OptionError} when …` with a link. */
const withType = (error: string): string => error.replace(/^\{(\w+)\}/, '{@link $1}')
