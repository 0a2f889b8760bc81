import type { MarkdownWriter } from '@metric-learning/loss-pages'
import type { DocumentedCode, DocumentedExport } from '../code/read-exports.js'
import { errorList, firstSentence, mathBlock, note, oneLine, optionTable, paragraphOf, restOf, sourceOf, table } from './writer.js'

/** docs/miners: a page for each, and a table of all. */
export function minerPages({ exports }: DocumentedCode, write: MarkdownWriter): ReadonlyMap<string, string> {
  const miners = exports.filter(({ room, kind, tags }) => room === 'plugins/miners' && kind === 'class' && tags.has('useWhen'))
  return new Map([['README.md', overview(miners, write)], ...miners.map((miner): [string, string] => [`${miner.name}.md`, minerPage(miner, write)])])
}

function minerPage(miner: DocumentedExport, write: MarkdownWriter): string {
  const { name, tags, file, paragraphs, options } = miner
  const source = sourceOf(miner)
  const needed = options.filter(({ isRequired }) => isRequired)
  const parts = [
    note(file),
    `# ${name}`,
    ...(tags.get('formula') ?? []).map(mathBlock),
    paragraphOf(paragraphs[0]!, write),
    `**When to use it.** ${write.prose(oneLine(tags.get('useWhen')!.join(' ')))}`,
    ...restOf(miner, write),
    '## Options',
    `\`\`\`ts\n${exampleOf(name, needed.map((option) => option.name))}\n\`\`\``,
    optionTable(miner, write),
    ...errorList(tags.get('throws') ?? [], write),
    ...(source === undefined ? [] : ['## Source', write.prose(source)]),
    `[Code](../../${file}) · [All miners](README.md) · [How miners are used](../../plugins/miners/README.md)`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** What is passed for options without a default. */
const EXAMPLES: Readonly<Record<string, string>> = {
  miner: 'new MultiSimilarityMiner()',
  miners: '[new MultiSimilarityMiner(), new BatchHardMiner()]',
  maxTuples: '10_000',
}

function exampleOf(name: string, needed: readonly string[]): string {
  const given = needed.map((option) => {
    const value = EXAMPLES[option]
    if (value === undefined) throw new Error(`${name}: there is no example of \`${option}\`.`)
    return `${option}: ${value}`
  })
  const call = `const miner = new ${name}(${given.length > 0 ? `{ ${given.join(', ')} }` : ''})`
  const used = [...new Set([...call.matchAll(/new (\w+)/g)].map(([, found]) => found!))].sort()
  return `import { ${used.join(', ')} } from '@metric-learning/miners'\n\n${call}`
}

function overview(miners: readonly DocumentedExport[], write: MarkdownWriter): string {
  const rows = miners.map(({ name, paragraphs, tags }) => [
    `[${name}](${name}.md)`,
    write.cell(firstSentence(paragraphs[0]!)),
    write.cell(firstSentence(oneLine(tags.get('useWhen')!.join(' ')))),
  ])
  return `${note('plugins/miners/src')}

# Miners

What each selects, and when. How they are called, what goes with which loss, and what they cost: [\`@metric-learning/miners\`](../../plugins/miners/README.md).

${table(['miner', 'selects', 'when to use it'], rows)}
`
}
