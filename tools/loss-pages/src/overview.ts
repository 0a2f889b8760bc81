import { capabilitiesOf, unitsOf } from './capabilities.js'
import { table } from './loss-page.js'
import type { DocumentedLoss } from './losses.js'
import type { MarkdownWriter } from './markdown.js'

/** docs/losses/README.md: all losses in a table. */
export function overview(losses: readonly DocumentedLoss[], write: MarkdownWriter): string {
  const rows = losses.map((loss) => {
    const { source } = loss
    return [
      `[${loss.name}](${loss.name}.md)`,
      unitsOf(loss),
      capabilitiesOf(loss).join(', '),
      write.cell(firstSentence(source.useWhen)),
      write.cell(shortSource(source.source)),
    ]
  })
  return `<!-- Written by \`npm run docs:losses\` from plugins/losses/src; change it there. -->

# Losses

Each with its formula, its curve where it has one, its options and where it comes from. What they are *over* is what they have a value
for: each pair, each triplet, each element of the batch (an embedding with all its pairs, most often), each embedding among *classes*, or
the batch as a whole. How to call them, and how to write another: [\`@metric-learning/losses\`](../../plugins/losses/README.md).

${table(['loss', 'over', 'takes', 'when to use it', 'source'], rows)}

*selections*: pairs or triplets that a miner or the caller chose. *reference sets*: the batch may be compared with other embeddings
than its own.
`
}

const firstSentence = (text: string): string => /^.*?\.(?= |$)/.exec(text)?.[0] ?? text

/** A source up to its year. */
const shortSource = (source: string): string => /^.*?\(([^()]*\d{4})\)/.exec(source)?.[0] ?? source.replace(/\.$/, '')
