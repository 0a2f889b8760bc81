import { readFileSync } from 'node:fs'
import { Command } from 'commander'

type Say = (line: string) => void

/** Where commands live. A part is loaded when one of its commands is called, or all are shown: experiments take a second to load. */
const parts: readonly { readonly commands: readonly string[]; readonly add: (program: Command, say: Say) => Promise<void> }[] = [
  { commands: ['install', 'doctor'], add: async (program) => (await import('@metric-learning/backend/commands')).addBackendCommands(program) },
  { commands: ['run', 'sweep', 'report', 'list'], add: async (program, say) => (await import('@metric-learning/experiments/commands')).addExperimentCommands(program, say) },
  { commands: ['new'], add: async (program) => void program.addCommand((await import('create-metric-learning-plugin')).newCommand().copyInheritedSettings(program)) },
]

/**
 * The command line `metric-learning`.
 *
 * @param first its first word: where that is a command, others are not loaded
 * @param say told in a line what is being done
 */
export async function commandLine(first: string | undefined, say: Say): Promise<Command> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  const program = new Command('metric-learning')
    .description('Deep metric learning: the native backend, and experiments as files. `metric-learning install` once per machine comes first.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this')
    .helpCommand(false)
    .showHelpAfterError('(--help shows what there is)')
  const wanted = parts.filter(({ commands }) => first !== undefined && commands.includes(first))
  if (first === '--version' || first === '-V') return program
  for (const { add } of wanted.length > 0 ? wanted : parts) await add(program, say)
  return program
}
