import { execFileSync } from 'node:child_process'
import { relative } from 'node:path'
import { Command } from 'commander'
import { createPlugin, type CreatedPlugin } from '../create-plugin.js'
import { CreatePluginError } from '../create-plugin-error.js'
import { expectKind, kindOf, type Kind } from '../kinds.js'
import { ownVersion } from '../template.js'

/** What is still to be known, asked for on a terminal. */
export type Ask = (known: { readonly name?: string; readonly kind?: Kind }) => Promise<{ readonly name: string; readonly kind: Kind }>

interface Flags {
  readonly kind?: string
  readonly folder?: string
  readonly author?: string
}

const WHO = 'create-metric-learning-plugin'

/**
 * The command line.
 *
 * @param say takes each line of what it did
 * @param ask is there where somebody can be asked
 */
export function program(say: (line: string) => void, ask?: Ask): Command {
  return new Command('npm create metric-learning-plugin')
    .usage('[name] [-- options]')
    .description('Writes a package with a loss, miner, … of your own: formula, options, tests, README, metadata, CI; ready to be published.')
    .argument('[name]', 'of the package, such as spread-loss or @acme/spread-loss; its kind is the word that it ends with')
    .option('-k, --kind <kind>', 'loss, miner, sampler, distance, reducer, metric, tester, logger, schedule or dataset (default: as the name ends)')
    .option('-f, --folder <folder>', 'where it goes (default: the name, without its scope)')
    .option('-a, --author <author>', 'who is named in LICENSE and package.json (default: as git config user.name says)')
    .helpOption('-h, --help', 'show this')
    .version(ownVersion(), '-v, --version', 'show the version')
    .action(async (given: string | undefined, flags: Flags) => {
      if (flags.kind !== undefined) expectKind(WHO, flags.kind)
      const known = flags.kind ?? (given === undefined ? undefined : kindOf(given))
      const { name, kind } = await completed(given, known, ask)
      const author = flags.author ?? gitUser()
      const created = createPlugin({ kind, name, ...(flags.folder !== undefined && { folder: flags.folder }), ...(author !== undefined && { author }) })
      for (const line of nextSteps(created)) say(line)
    })
}

async function completed(name: string | undefined, kind: Kind | undefined, ask: Ask | undefined): Promise<{ readonly name: string; readonly kind: Kind }> {
  if (name !== undefined && kind !== undefined) return { name, kind }
  if (ask) return ask({ ...(name !== undefined && { name }), ...(kind !== undefined && { kind }) })
  if (name === undefined) {
    throw new CreatePluginError('CPL_NAME', { who: WHO, wanted: 'a name', got: 'none, and no terminal to ask on', fix: 'Pass one, such as `npm create metric-learning-plugin spread-loss`.' })
  }
  expectKind(WHO, kind)
  return { name, kind }
}

function gitUser(): string | undefined {
  try {
    const name = execFileSync('git', ['config', 'user.name'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    return name === '' ? undefined : name
  } catch {
    // Without git, or without a name there, nobody is named.
    return undefined
  }
}

function nextSteps({ folder, packageName, kind, part, file }: CreatedPlugin): readonly string[] {
  const place = relative('.', folder)
  return [
    `${packageName}: a ${kind}, ${part}, in ${place === '' ? 'this folder' : `${place}/`}`,
    '',
    ...(place === '' ? [] : [`  cd ${place}`]),
    '  npm install',
    '  npm test                # passes as it is',
    '  npm run lint',
    '  npm publish --dry-run   # shows what would be published',
    '',
    `Your formula goes into src/${file}.ts, its values into src/${file}.test.ts, its options into README.md.`,
  ]
}
