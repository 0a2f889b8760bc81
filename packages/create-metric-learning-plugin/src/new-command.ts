import { Command } from 'commander'
import { createPart } from './create-part.js'
import { KIND_NAMES, type Kind } from './kinds.js'

/**
 * The command `new KIND NAME`: writes a part of one's own, with its test, into the project of the current folder. For the command line of
 * `metric-learning`.
 *
 * @param say takes each line of what it did. Default: writes it to the standard output.
 * @throws {CreatePluginError} from its action, as of {@link createPart}.
 * @example program.addCommand(newCommand())
 */
export function newCommand(say: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)): Command {
  return new Command('new')
    .description('Writes a part of your own, with its test, into the project of this folder. A package of its own: npm create metric-learning-plugin.')
    .argument('<kind>', KIND_NAMES.join(', '))
    .argument('<name>', 'such as spread-loss, which becomes the class SpreadLoss')
    .option('-f, --folder <folder>', 'where its files go (default: src, or here where there is no src)')
    .helpOption('-h, --help', 'show this')
    .action((kind: Kind, name: string, { folder }: { readonly folder?: string }) => {
      const { part, files, missing, missingInTests } = createPart({ kind, name, ...(folder !== undefined && { folder }) })
      say(`${part}: ${files.join(', ')}`)
      if (missing.length > 0) say(`It wants these packages: npm install ${missing.join(' ')}`)
      if (missingInTests.length > 0) say(`Its test wants these: npm install --save-dev ${missingInTests.join(' ')}`)
      say(`Try it: npx vitest run ${files[1]!}`)
    })
}
