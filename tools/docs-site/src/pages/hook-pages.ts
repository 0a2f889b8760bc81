import type { MarkdownWriter } from '@metric-learning/loss-pages'
import type { DocumentedCode, DocumentedField, DocumentedHook } from '../code/read-exports.js'
import { code, firstSentence, note, table } from './writer.js'

const FILE = 'packages/core/src/hooks/trainer-hooks.ts'

/** Hooks whose taps run inside the step. */
const isInsideStep = ({ doc }: DocumentedHook): boolean => doc.startsWith('Inside the step')

const KINDS: Readonly<Record<string, string>> = {
  AsyncTaps: 'one after the other; a promise is awaited (`tapPromise`)',
  AskingTaps: 'one after the other, and may each give something back; a promise is awaited (`tapPromise`)',
  SyncTaps: 'one after the other, synchronous',
  WaterfallTaps: 'one after the other, synchronous, and give back what of the context is another for the next',
}

/** docs/hooks: a page for each, and a table of all in the order of a run. */
export function hookPages({ hooks }: DocumentedCode, write: MarkdownWriter): ReadonlyMap<string, string> {
  return new Map([['README.md', overview(hooks, write)], ...hooks.map((hook): [string, string] => [`${hook.name}.md`, hookPage(hook, write)])])
}

function hookPage(hook: DocumentedHook, write: MarkdownWriter): string {
  const { name, doc, taps, context, fields, returns } = hook
  const parts = [
    note(FILE),
    `# ${name}`,
    write.prose(doc),
    `**Taps** run ${KINDS[taps]!}.${isInsideStep(hook) ? ' Inside the step nothing is read from the device, and no tensor is kept: where the step is compiled, a tap runs while it is captured and looked at again, and not in every step ([compiled steps](../compiled-steps.md)).' : ''}`,
    `\`\`\`ts\n${exampleOf(hook)}\n\`\`\``,
    `## What a tap is given`,
    `\`${context}\`:`,
    fieldTable(fields, write),
    ...(taps === 'WaterfallTaps' ? ['## What it gives back', 'Those of these fields that are another for the next tap; `{}` leaves all as it is.'] : []),
    ...(taps === 'AskingTaps' ? ['## What it gives back', 'This, or `undefined`.', fieldTable(returns, write)] : []),
    `[Code](../../${FILE}) · [All hooks](README.md) · [A plugin of your own](../first-hour/own-loss.md)`,
  ]
  return `${parts.join('\n\n')}\n`
}

function exampleOf({ name, taps }: DocumentedHook): string {
  const answer = taps === 'AskingTaps' ? '\n      return undefined' : ''
  const body = taps === 'WaterfallTaps' ? '() => ({})' : `(context) => {\n      console.log(Object.keys(context))${answer}\n    }`
  return `import type { Plugin } from '@metric-learning/core'\n\nexport const watcher: Plugin = {\n  name: 'watcher',\n  apply({ hooks }) {\n    hooks.${name}.tap({ name: 'watcher' }, ${body})\n  },\n}`
}

const fieldTable = (fields: readonly DocumentedField[], write: MarkdownWriter): string =>
  table(['field', 'type', 'what it is'], fields.map(({ name, type, doc, isRequired }) => [`\`${name}${isRequired ? '' : '?'}\``, code(type), write.cell(doc)]))

function overview(hooks: readonly DocumentedHook[], write: MarkdownWriter): string {
  const rows = hooks.map((hook) => [`[\`${hook.name}\`](${hook.name}.md)`, isInsideStep(hook) ? 'yes' : 'no', write.cell(firstSentence(hook.doc))])
  return `${note(FILE)}

# Hooks

The moments of a run, \`trainer.hooks\`. A plugin is an object with a name and \`apply(trainer)\`, which taps them; in what order they come is told in
[architecture](../architecture.md#hooks).

${table(['hook', 'inside the step', 'when'], rows)}

Taps of one hook run by stage, \`measure\`, \`default\`, \`report\`, \`save\`, and within one in the order in which plugins were given:
\`hooks.log.tap({ name, stage: 'report' }, …)\`. A tap is never removed, so that a plugin belongs to one run.
`
}
