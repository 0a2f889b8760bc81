import type { DocumentedCode } from '../code/read-exports.js'
import { pageAbout } from '../pages/part-rooms.js'
import { note, optionPage, table } from '../pages/writer.js'
import { ARGUMENTS, CLASSES } from './answers.js'

/** Classes of PyTorch Metric Learning by module, each with the arguments that it takes. */
export interface PeerClasses {
  readonly version: string
  readonly classes: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

const TITLES: Readonly<Record<string, string>> = {
  distances: 'Distances',
  losses: 'Losses',
  miners: 'Miners',
  reducers: 'Reducers',
  regularizers: 'Regularizers',
  samplers: 'Samplers',
  testers: 'Testers',
  trainers: 'Trainers',
  datasets: 'Datasets',
  'utils.accuracy_calculator': 'Accuracy calculator',
  'utils.inference': 'Inference',
  'utils.distributed': 'Distributed',
  'utils.logging_presets': 'Logging presets',
}

/**
 * docs/coming-from-pml.md: every class and every argument of PyTorch Metric Learning, with what it is here.
 *
 * @param introduction what stands before the tables
 * @throws {Error} that names each class and argument without an answer
 */
export function comingFromPml(peer: PeerClasses, code: DocumentedCode, introduction: string): string {
  const unanswered: string[] = []
  const sections = Object.entries(peer.classes).map(([module, classes]) => {
    const rows = Object.entries(classes).flatMap(([name, peerArguments]) => {
      const here = answerOfClass(name, code)
      if (here === undefined) unanswered.push(name)
      return [
        [`**\`${name}\`**`, '', here ?? ''],
        ...peerArguments.map((argument) => {
          const answer = answerOfArgument(name, argument, code)
          if (answer === undefined) unanswered.push(`${name}(${argument})`)
          return ['', `\`${argument}\``, answer ?? '']
        }),
      ]
    })
    return `## ${TITLES[module] ?? module}\n\n${rows.length === 0 ? 'Classes of other modules alone.' : table(['there', 'argument', 'here'], rows)}`
  })
  if (unanswered.length > 0) throw new Error(`Classes and arguments of PyTorch Metric Learning without an answer: ${unanswered.join(', ')}`)
  return `${note('tools/docs-site/src/pml')}\n\n${introduction.trim()}\n\n${sections.join('\n\n')}\n`
}

function answerOfClass(name: string, { exports }: DocumentedCode): string | undefined {
  if (name in CLASSES) return CLASSES[name]
  const own = exports.find((documented) => documented.name === name)
  if (!own) return undefined
  return `[\`${name}\`](${pageAbout(own).slice('../'.length)})`
}

function answerOfArgument(name: string, argument: string, { exports }: DocumentedCode): string | undefined {
  const own = exports.find((documented) => documented.name === name)
  const option = argument.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  const isOption = own?.options.some((declared) => declared.name === option) ?? false
  const told = ARGUMENTS[name]?.[argument]
  if (told !== undefined) return told
  if (isOption) return `[\`${option}\`](options/${optionPage(option)})`
  return ARGUMENTS['*']![argument]
}
