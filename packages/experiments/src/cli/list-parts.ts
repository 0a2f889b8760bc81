import { OptionError } from '@metric-learning/contracts'
import { KIND_NAMES, KINDS, type Kind } from '../registry/kinds.js'
import { suggestion } from '../registry/nearest-word.js'
import type { PartDescription } from '../registry/option-description.js'
import { wordsOf } from '../registry/option-values.js'
import { PART_OPTIONS } from '../registry/part-options.js'
import { isGiven, Registry } from '../registry/registry.js'

const kinds = Object.keys(KINDS) as Kind[]

/**
 * What can be named, in words: all kinds, a kind's parts, or a part's options.
 *
 * @param folder that paths of files of one's own are meant from
 * @throws {OptionError} when there is no such kind or part.
 */
export async function listParts(name: string | undefined, folder: string): Promise<string> {
  if (name === undefined) return kinds.map((kind) => `${kind.padEnd(20)} ${KIND_NAMES[kind]}: ${Object.keys(KINDS[kind]).join(', ')}`).join('\n')
  if (kinds.includes(name as Kind)) return Object.keys(KINDS[name as Kind]).map((part) => `${part}\n    ${PART_OPTIONS[name as Kind][part]!.doc}`).join('\n')
  const kind = kinds.find((one) => name in KINDS[one])
  if (kind) return partInWords(kind, `${name}, ${KIND_NAMES[kind]}`, PART_OPTIONS[kind][name]!)
  if (!/^[^#]+#[^#]+$/.test(name)) {
    const known = [...kinds, ...kinds.flatMap((one) => Object.keys(KINDS[one]))]
    throw new OptionError({ who: 'list', wanted: 'a kind of parts, or a part', got: `\`${name}\``, fix: `There is none of that name.${suggestion(name, known)} \`metric-learning list\` shows all; one of your own is \`./my-loss.ts#MyLoss\`.` })
  }
  const description = (await Registry.importing([name], folder)).describe('losses', name)
  return description ? partInWords('losses', `${name}, a part of your own`, description) : `${name}, a part of your own. It declares no options (\`declaredOptions\`), so that its names are checked by itself alone, and it can't stand where a loss or a miner does.`
}

function partInWords(of: Kind, title: string, { doc, options, takesValue }: PartDescription): string {
  const lines = Object.entries(options).map(([option, { type, doc: about, isRequired, kind, several }]) => {
    const takes = kind === undefined ? wordsOf(type) : `${several === undefined ? '' : `${several} of `}${kind}`
    return `  ${option}${isGiven(of, option) ? ', given by the experiment' : isRequired ? ', required' : ''}: ${takes}${about === '' ? '' : `\n      ${about}`}`
  })
  return [title, ...(doc === '' ? [] : [doc]), ...(takesValue ? ['Takes one value in place of options.'] : lines.length > 0 ? ['', ...lines] : ['It has no options.'])].join('\n')
}
