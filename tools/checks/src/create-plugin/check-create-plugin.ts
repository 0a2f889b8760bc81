// `npm run check:create-plugin [-- KINDS]`: a package of each kind, made and tried as a stranger does, in empty folders.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataError } from '@metric-learning/contracts'
import { path, runMain, say } from '@metric-learning/peer'
import { Command } from 'commander'
import { KIND_NAMES, type Kind } from 'create-metric-learning-plugin'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

const command = new Command('npm run check:create-plugin --')
  .description(`Packs what this checkout would publish, makes a package of each kind from it in an empty folder, and runs its tests, lint, build, publint and a dry run of publishing there. Kinds: ${KIND_NAMES.join(', ')}.`)
  .argument('[kinds...]', 'those to try (default: all)')
  .option('--folder <folder>', 'where the packages are left (default: a temporary folder)', path)
  .parse()
const { folder: kept } = command.opts<{ folder?: string }>()
const given = command.processedArgs[0] as readonly Kind[]

await runMain(async () => {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'create-plugin-'))
  mkdirSync(folder, { recursive: true })
  try {
    const tarballs = packed(join(folder, 'tarballs'))
    // As `npm create` does: the command of the published package, with its own dependencies alone.
    const starter = join(folder, 'npm-create')
    mkdirSync(starter)
    timed('npm create, its installation', 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarballs.get('create-metric-learning-plugin')!], starter)
    const bin = join(starter, 'node_modules/.bin/create-metric-learning-plugin')
    const own = [...tarballs].filter(([name]) => name !== 'create-metric-learning-plugin').map(([, file]) => file)
    let installed: string | undefined
    for (const kind of given.length > 0 ? given : KIND_NAMES) {
      const name = `quick-${kind}`
      say(`${name}:`)
      run(bin, [name, '--author', 'A. Author'], folder)
      const place = join(folder, name)
      // Later ones have the modules of the first: what all kinds import is among the tarballs.
      if (installed === undefined) timed('npm install', 'npm', ['install', '--no-save', '--prefer-offline', '--no-audit', '--no-fund', ...own], place)
      else cpSync(installed, join(place, 'node_modules'), { recursive: true, verbatimSymlinks: true })
      installed ??= join(place, 'node_modules')
      expectImports(place)
      timed('npm test', 'npm', ['test'], place)
      timed('npm run lint', 'npm', ['run', 'lint'], place)
      timed('npm run build', 'npm', ['run', 'build'], place)
      timed('npm run check', 'npm', ['run', 'check'], place)
      const published = timed('npm publish --dry-run', 'npm', ['publish', '--dry-run', '--json'], place)
      expectFiles(name, published, ['LICENSE', 'README.md', 'dist/index.d.ts', 'dist/index.js', `dist/${name}.js`, 'package.json', `src/${name}.ts`])
    }
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
})

/** Tarballs of all packages and plugins, by name. */
function packed(folder: string): ReadonlyMap<string, string> {
  mkdirSync(folder)
  timed('tsc -b', 'npx', ['tsc', '-b'], ROOT)
  const workspaces = ['packages', 'plugins'].flatMap((group) => readdirSync(join(ROOT, group)).map((name) => `${group}/${name}`))
  const said = timed('npm pack', 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...workspaces.flatMap((workspace) => ['-w', workspace])], ROOT)
  const entries = Object.values(JSON.parse(said) as Record<string, { readonly name: string; readonly filename: string }>)
  return new Map(entries.map(({ name, filename }) => [name, join(folder, filename)]))
}

/** What sources and tests import has to be in package.json: that all tarballs are installed would hide it. */
function expectImports(place: string): void {
  const { devDependencies = {} } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as { readonly devDependencies?: Readonly<Record<string, string>> }
  const sources = readdirSync(join(place, 'src')).map((file) => readFileSync(join(place, 'src', file), 'utf8'))
  const imported = sources.flatMap((source) => [...source.matchAll(/from '((?:@[a-z-]+\/)?[a-z][a-z-]*)'/g)].map(([, name]) => name!))
  const missing = imported.find((name) => !(name in devDependencies))
  if (missing !== undefined) throw new DataError({ who: 'check:create-plugin', wanted: `${place}/package.json to name all that it imports`, got: `none of ${missing}`, fix: 'Look at how createPlugin finds imports.' })
}

/** What npm would publish has to have all of some files, and no test. */
function expectFiles(name: string, published: string, wanted: readonly string[]): void {
  const { files } = (JSON.parse(published) as { readonly files?: readonly { readonly path: string }[] } & Record<string, { readonly files: readonly { readonly path: string }[] }>)[name] ?? (JSON.parse(published) as { readonly files: readonly { readonly path: string }[] })
  const paths = files.map(({ path: of }) => of)
  const missing = wanted.filter((file) => !paths.includes(file))
  const tests = paths.filter((file) => file.includes('.test.'))
  if (missing.length > 0 || tests.length > 0) {
    throw new DataError({ who: 'check:create-plugin', wanted: `${name} to be published with ${wanted.join(', ')}, without tests`, got: `${missing.length > 0 ? `none of ${missing.join(', ')}` : `${tests.join(', ')} besides`}`, fix: 'Look at `files` in the package.json of the skeleton.' })
  }
}

/** Runs a program, and says how long it took. */
function timed(what: string, program: string, args: readonly string[], cwd: string): string {
  const start = performance.now()
  const output = run(program, args, cwd)
  say(`  ${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return output
}

function run(program: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 28, env: strangersEnvironment() })
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { readonly stdout?: string; readonly stderr?: string }
    throw new DataError({ who: 'check:create-plugin', wanted: `${program} ${args.slice(0, 2).join(' ')} to pass in ${cwd}`, got: `an error:\n${stdout}\n${stderr}`, fix: 'Look at templates of create-metric-learning-plugin.', cause })
  }
}

/** Without what npm and this checkout have put there for their own programs. */
const strangersEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_(registry|cache))|INIT_CWD|NODE_OPTIONS|NODE_PATH|METRIC_LEARNING_)/.test(name)))
