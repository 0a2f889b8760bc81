import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CreatePluginError } from './create-plugin-error.js'
import { expectKnownOptions, expectTexts } from './expect-options.js'
import { expectKind, type Kind } from './kinds.js'
import { pluginNames, type PluginNames } from './plugin-names.js'
import { fillTemplate, ownVersion, readSkeleton, type SkeletonManifest } from './template.js'

export interface CreatePluginOptions {
  /** What it is. */
  readonly kind: Kind
  /** As npm is to know it, such as `spread-loss` or `@acme/spread-loss`. */
  readonly name: string
  /** Where it goes: a folder that is not there yet, or is empty. Default: the name, without its scope, in the current folder. */
  readonly folder?: string
  /** Who is named in LICENSE and package.json. Default: `The authors of <name>`, and nobody in package.json. */
  readonly author?: string
  /** The year of LICENSE. Default: this one. */
  readonly year?: number
}

/** What was made. */
export interface CreatedPlugin extends PluginNames {
  readonly kind: Kind
  /** Where it is. */
  readonly folder: string
  /** Paths of its files in the folder. */
  readonly files: readonly string[]
}

const WHO = 'createPlugin'

/**
 * Writes a package with a part of one's own: its source with formula and options, tests by the kit, README, LICENSE, metadata for npm, types, lint
 * and CI. It passes its tests, lint and a dry run of publishing as it is. Nothing is installed.
 *
 * @throws {CreatePluginError} `CPL_OPTION` for an option that is unknown or of the wrong kind, `CPL_KIND`, `CPL_NAME` for a name that npm does not
 * take, `CPL_EXISTS` for a folder with files in it, `CPL_IO` for what can't be written. Nothing has been written then, but for the last.
 * @example createPlugin({ kind: 'loss', name: '@acme/spread-loss' }) // writes spread-loss/
 */
export function createPlugin(options: CreatePluginOptions): CreatedPlugin {
  expectKnownOptions(WHO, options, ['kind', 'name', 'folder', 'author', 'year'])
  const { kind, name, author, year = new Date().getFullYear() } = options
  expectKind(WHO, kind)
  const names = pluginNames(WHO, kind, name)
  expectTexts(WHO, { folder: options.folder, author })
  if (!Number.isInteger(year)) throw new CreatePluginError('CPL_OPTION', { who: WHO, wanted: '`year` to be an integer', got: String(year), fix: 'Leave it out for this year.' })
  const folder = resolve(options.folder ?? names.packageName.replace(/^@[^/]*\//, ''))
  expectEmpty(folder)
  const files = filesOf(kind, names, author, year)
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text, { flag: 'wx' })
    }
  } catch (cause) {
    throw new CreatePluginError('CPL_IO', { who: WHO, wanted: `to write ${folder}`, got: (cause as Error).message, fix: 'Pass a `folder` in one that can be written.', cause })
  }
  return { ...names, kind, folder, files: Object.keys(files).sort() }
}

function expectEmpty(folder: string): void {
  let entries: readonly string[] = []
  try {
    if (existsSync(folder)) entries = readdirSync(folder)
  } catch (cause) {
    throw new CreatePluginError('CPL_EXISTS', { who: WHO, wanted: `${folder} to be a folder`, got: 'a file', fix: 'Pass another `folder`.', cause })
  }
  const others = entries.filter((entry) => entry !== '.git')
  if (others.length > 0) {
    throw new CreatePluginError('CPL_EXISTS', { who: WHO, wanted: `${folder} to be new or empty`, got: `${others.slice(0, 3).join(', ')}${others.length > 3 ? ` and ${others.length - 3} more` : ''}`, fix: 'Pass another `folder` or name.' })
  }
}

/** Texts of all files, by their paths. */
function filesOf(kind: Kind, names: PluginNames, author: string | undefined, year: number): Readonly<Record<string, string>> {
  const { packageName, file, part } = names
  const { sources, usage, packages, packagesOfUsage, packagesOfTests } = fillTemplate(WHO, kind, names)
  const peers = sorted({ ...versions(packages), '@tensorflow/tfjs-core': '^4.22.0' })
  const inPlaceOf: Readonly<Record<string, string>> = {
    'metric-learning-example': packageName,
    ExamplePart: part,
    'example-part': file,
    'example-kind': kind,
    '2026 The Author': `${year} ${author ?? `The authors of ${packageName}`}`,
  }
  // At once, since a name may have one of these in it.
  const inText = (text: string) => text.replaceAll(new RegExp(Object.keys(inPlaceOf).join('|'), 'g'), (found) => inPlaceOf[found]!)
  const skeleton = readSkeleton()
  const manifest = JSON.parse(inText(skeleton['package.json']!)) as SkeletonManifest
  const devDependencies = sorted({ ...manifest.devDependencies, ...versions([...packages, ...packagesOfUsage, ...packagesOfTests, '@metric-learning/backend', '@metric-learning/plugin-testkit']) })
  const { name, version, description, license, ...others } = manifest
  const texts = {
    'package.json': `${JSON.stringify({ name, version, description, license, ...(author !== undefined && { author }), ...others, peerDependencies: peers, devDependencies }, null, 2)}\n`,
    'README.md': inText(skeleton['README.md']!).replace('IMPORTS', sortedNames([...Object.keys(peers), ...packagesOfUsage, ...(packagesOfUsage.includes('@metric-learning/backend') ? ['@tensorflow/tfjs'] : [])]).join(' ')).replace('USAGE', () => usage.trimEnd()),
  }
  return {
    ...Object.fromEntries(Object.entries(skeleton).map(([path, text]) => [path, inText(text)])),
    ...texts,
    'src/index.ts': `export * from './${file}.js'\n`,
    ...Object.fromEntries(Object.entries(sources).map(([path, text]) => [`src/${path}`, text])),
  }
}

const versions = (names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, `^${ownVersion()}`]))
const sortedNames = (names: readonly string[]): readonly string[] => [...new Set(names)].sort()
const sorted = (dependencies: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)))
