// `npm run check:create-plugin [-- KINDS]`: a package of each kind, made and tried as a stranger does, from a registry on this machine.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import { path, runMain, runProcess, say } from '@metric-learning/peer'
import { Command } from 'commander'
import { KIND_NAMES, type Kind } from 'create-metric-learning-plugin'
import { localRegistry } from '../packages/local-registry.js'
import { publishedPackages } from '../packages/published-packages.js'

const WHO = 'check:create-plugin'

const command = new Command(`npm run ${WHO} --`)
  .description(`Publishes all packages to a registry on this machine, makes a package of each kind by \`npm create\`, and runs its tests, lint, build, publint and a dry run of publishing; then adds a part of each kind to a project by metric-learning new, and follows what that prints. Kinds: ${KIND_NAMES.join(', ')}.`)
  .argument('[kinds...]', 'those to try (default: all)')
  .option('--folder <folder>', 'where the packages are left (default: a temporary folder)', path)
  .parse()
const { folder: kept } = command.opts<{ folder?: string }>()
const given = command.processedArgs[0] as readonly Kind[]

function nameOf(kind: Kind): string {
  return `quick-${kind}`
}

/** Who has npm, a registry, and nothing of this checkout. */
class Stranger {
  readonly #env: Readonly<Record<string, string>>

  constructor(registry: string, userconfig: string) {
    // What npm has put there for this program.
    for (const name of Object.keys(process.env)) if (/^(npm_|INIT_CWD|NODE_OPTIONS|NODE_PATH|METRIC_LEARNING_)/.test(name)) Reflect.deleteProperty(process.env, name)
    this.#env = { npm_config_registry: registry, npm_config_userconfig: userconfig, npm_config_audit: 'false', npm_config_fund: 'false' }
  }

  /** Makes a package of a kind. */
  async creates(kind: Kind, folder: string): Promise<string> {
    await this.does(`npm create metric-learning-plugin ${nameOf(kind)}`, folder, 'npm', ['create', '--yes', 'metric-learning-plugin', nameOf(kind), '--', '--author', 'A. Author'])
    return join(folder, nameOf(kind))
  }

  /** Runs in it what its README says. */
  async tries(kind: Kind, place: string): Promise<void> {
    say(`${nameOf(kind)}:`)
    expectImports(place)
    for (const line of ['npm test', 'npm run lint', 'npm run build', 'npm run check']) await this.does(line, place)
    const published = await this.does('npm publish --dry-run --json', place)
    const name = nameOf(kind)
    expectFiles(name, published, ['LICENSE', 'README.md', 'dist/index.d.ts', 'dist/index.js', `dist/${name}.js`, 'package.json', `src/${name}.ts`])
  }

  /** Adds a part to a project, and does what that prints: installs, and runs the test. */
  async adds(kind: Kind, project: string): Promise<void> {
    const printed = await this.does(`npx metric-learning new ${kind} quick`, project)
    const lines = [...printed.matchAll(/: ((?:npm install|npx vitest run) [^\n]*)/g)].map(([, line]) => line!)
    if (!lines.at(-1)?.startsWith('npx vitest run')) throw new DataError({ who: WHO, wanted: '`metric-learning new` to say how its test is run', got: printed, fix: 'Look at new-command.ts.' })
    for (const line of lines) await this.does(line, project)
  }

  /** Runs a command line. */
  does(line: string, cwd: string, program = line.split(' ')[0]!, args: readonly string[] = line.split(' ').slice(1)): Promise<string> {
    return timed(line, () => runProcess(program, args, { cwd, env: this.#env, seconds: 900 }))
  }
}

/** What sources and tests import has to be in package.json: that several are installed at once would hide it. */
function expectImports(place: string): void {
  const { devDependencies = {} } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as { readonly devDependencies?: Readonly<Record<string, string>> }
  const sources = readdirSync(join(place, 'src')).map((file) => readFileSync(join(place, 'src', file), 'utf8'))
  const imported = sources.flatMap((source) => [...source.matchAll(/from '((?:@[a-z-]+\/)?[a-z][a-z-]*)'/g)].map(([, name]) => name!))
  const missing = imported.find((name) => !(name in devDependencies))
  if (missing !== undefined) throw new DataError({ who: WHO, wanted: `${place}/package.json to name all that it imports`, got: `none of ${missing}`, fix: 'Look at how createPlugin finds imports.' })
}

interface Published {
  readonly files: readonly { readonly path: string }[]
}

/** What npm would publish has to have all of some files, and no test. */
function expectFiles(name: string, said: string, wanted: readonly string[]): void {
  const json = JSON.parse(said.slice(said.indexOf('{\n'))) as Published | Readonly<Record<string, Published>>
  const { files } = name in json ? (json as Readonly<Record<string, Published>>)[name]! : (json as Published)
  const paths = files.map((file) => file.path)
  const missing = wanted.filter((file) => !paths.includes(file))
  const tests = paths.filter((file) => file.includes('.test.'))
  if (missing.length === 0 && tests.length === 0) return
  throw new DataError({ who: WHO, wanted: `${name} to be published with ${wanted.join(', ')}, without tests`, got: missing.length > 0 ? `none of ${missing.join(', ')}` : `${tests.join(', ')} besides`, fix: 'Look at `files` in the package.json of the skeleton.' })
}

/** Says how long something took. */
async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const start = performance.now()
  const result = await work()
  say(`  ${((performance.now() - start) / 1000).toFixed(1).padStart(5)} s  ${what}`)
  return result
}

await runMain(async () => {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'create-plugin-'))
  const registry = await localRegistry(join(folder, 'registry'))
  try {
    const stranger = new Stranger(registry.url, join(folder, 'registry/.npmrc'))
    await timed('npm publish of all packages', () => registry.publish(publishedPackages().map((one) => one.folder)))
    const [first, ...others] = given.length > 0 ? given : KIND_NAMES
    // The first is alone, as a stranger's is. Others are installed at once, to save time.
    const alone = join(folder, 'alone')
    mkdirSync(alone)
    const place = await stranger.creates(first!, alone)
    await stranger.does('npm install', place)
    await stranger.tries(first!, place)
    if (others.length > 0) {
      const together = join(folder, 'together')
      mkdirSync(together)
      writeFileSync(join(together, 'package.json'), JSON.stringify({ name: 'together', private: true, workspaces: ['*'] }))
      for (const kind of others) await stranger.creates(kind, together)
      await stranger.does('npm install', together)
      for (const kind of others) await stranger.tries(kind, join(together, nameOf(kind)))
    }
    const project = join(folder, 'project')
    mkdirSync(join(project, 'src'), { recursive: true })
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))
    await stranger.does('npm install metric-learning', project)
    for (const kind of [first!, ...others]) await stranger.adds(kind, project)
  } finally {
    registry.stop()
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
})
