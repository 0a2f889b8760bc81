import { cancel, isCancel, select, text } from '@clack/prompts'
import { CreatePluginError } from '../create-plugin-error.js'
import { KIND_NAMES, kindOf, type Kind } from '../kinds.js'
import { pluginNames } from '../plugin-names.js'
import type { Ask } from './program.js'

/** Asks on the terminal for what is not known yet. Ctrl-C ends the process with 130. */
export const askOnTerminal: Ask = async (known) => {
  const name = known.name ?? answered<string>(await text({ message: 'What is the package to be called?', placeholder: 'spread-loss', validate: (given) => complaintOf(given, known.kind) }))
  const kind = known.kind ?? kindOf(name) ?? answered<Kind>(await select({ message: 'What is it?', options: KIND_NAMES.map((value) => ({ value, label: value })) }))
  return { name, kind }
}

/** What is wrong with a name, in a line. */
function complaintOf(name: string | undefined, kind: Kind | undefined): string | undefined {
  try {
    pluginNames('', kind ?? kindOf(name ?? '') ?? 'loss', name)
    return undefined
  } catch (error) {
    return error instanceof CreatePluginError ? `Wanted ${error.parts.wanted}.` : String(error)
  }
}

function answered<Answer>(answer: Answer | symbol): Answer {
  if (!isCancel(answer)) return answer as Answer
  cancel('Nothing was written.')
  process.exit(130)
}
