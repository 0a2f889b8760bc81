import type { MarkdownWriter } from '@metric-learning/loss-pages'
import type { DocumentedCode, DocumentedExport } from '../code/read-exports.js'
import { hasPage, PART_ROOMS, type PartRoom } from './part-rooms.js'
import { errorList, firstSentence, mathBlock, note, oneLine, optionTable, paragraphOf, restOf, sourceOf, table } from './writer.js'

/** The pages of a folder: one for each part, and a table of all. */
export function partPages(folder: keyof typeof PART_ROOMS, code: DocumentedCode, write: MarkdownWriter): ReadonlyMap<string, string> {
  const of = PART_ROOMS[folder]
  const parts = code.exports.filter((exported) => exported.room === of.room && hasPage(exported))
  return new Map([['README.md', overview(of, parts, write)], ...parts.map((part): [string, string] => [`${part.name}.md`, partPage(of, part, code, write)])])
}

function partPage({ room, part }: PartRoom, documented: DocumentedExport, code: DocumentedCode, write: MarkdownWriter): string {
  const { name, tags, file, paragraphs } = documented
  const source = sourceOf(documented)
  const parts = [
    note(file),
    `# ${name}`,
    ...(tags.get('formula') ?? []).map(mathBlock),
    paragraphOf(paragraphs[0]!, write),
    `**When to use it.** ${write.prose(oneLine(tags.get('useWhen')!.join(' ')))}`,
    ...restOf(documented, write),
    '## Options',
    `\`\`\`ts\n${exampleOf(part, documented, code)}\n\`\`\``,
    documented.options.length > 0 ? optionTable(documented, write) : 'It takes none.',
    ...errorList(tags.get('throws') ?? [], write),
    ...(source === undefined ? [] : ['## Source', write.prose(source)]),
    `[Code](../../${file}) · [All ${part}s](README.md) · [How ${part}s are used](../../${room}/README.md)`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** The example of the docstring, or one without options, with what it imports. */
function exampleOf(part: string, { name, tags, options }: DocumentedExport, { exports }: DocumentedCode): string {
  const needed = options.find(({ isRequired }) => isRequired)
  const told = tags.get('example')?.[0]
  if (told === undefined && needed) throw new Error(`${name} has no @example, and wants \`${needed.name}\`.`)
  const given = told ?? `new ${name}()`
  const code = given.startsWith('new ') ? `const ${part} = ${given}` : given
  const called = new Set([...code.matchAll(/\b(\w+)\(/g)].map(([, found]) => found!))
  const used = exports.filter((exported) => called.has(exported.name))
  const packages = [...new Set(used.map((exported) => exported.package))].sort()
  const namesOf = (from: string) => used.filter((exported) => exported.package === from).map((exported) => exported.name).sort()
  const imports = packages.map((from) => `import { ${namesOf(from).join(', ')} } from '${from}'`)
  return [...(code.includes('tf.') ? ["import * as tf from '@tensorflow/tfjs-core'"] : []), ...imports, '', code].join('\n')
}

function overview({ room, part, does, introduction }: PartRoom, parts: readonly DocumentedExport[], write: MarkdownWriter): string {
  const rows = parts.map(({ name, paragraphs, tags }) => [
    `[${name}](${name}.md)`,
    write.cell(firstSentence(paragraphs[0]!)),
    write.cell(firstSentence(oneLine(tags.get('useWhen')!.join(' ')))),
  ])
  return `${note(`${room}/src`)}

# ${part[0]!.toUpperCase()}${part.slice(1)}s

${introduction}: [\`@metric-learning/${part}s\`](../../${room}/README.md).

${table([part, does, 'when to use it'], rows)}
`
}
