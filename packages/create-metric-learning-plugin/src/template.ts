import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreatePluginError } from './create-plugin-error.js'
import type { Kind } from './kinds.js'
import type { PluginNames } from './plugin-names.js'

const templates = fileURLToPath(new URL('../templates/', import.meta.url))

/** The version of this package, which is that of all packages that were released with it. */
export const ownVersion = (): string => (JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8')) as { version: string }).version

/** What the template of a kind comes to, under the names of a plugin. */
export interface FilledTemplate {
  /** Its part, its test, by name of the file. */
  readonly sources: Readonly<Record<string, string>>
  /** A few lines that use it, which import it from the package. */
  readonly usage: string
  /** Our packages that the part imports. */
  readonly packages: readonly string[]
  /** Our packages that the usage imports besides. */
  readonly packagesOfUsage: readonly string[]
  /** Our packages that the test imports besides. */
  readonly packagesOfTests: readonly string[]
}

/**
 * Reads the template of a kind.
 *
 * @throws {CreatePluginError} with the code `CPL_NAME` when the part would be called as something that it is made with, such as `BaseDistance`.
 */
export function fillTemplate(who: string, kind: Kind, names: PluginNames): FilledTemplate {
  const folder = join(templates, kind)
  const read = (file: string) => {
    const template = readFileSync(join(folder, file), 'utf8')
    if (importedNames(template).includes(names.part)) {
      throw new CreatePluginError('CPL_NAME', { who, wanted: 'a name of its own', got: `${names.part}, which a ${kind} is made with`, fix: `Pass one such as \`spread-${kind}\`.` })
    }
    return renamed(template, kind, names)
  }
  const [part, test] = [read(`example-${kind}.ts`), read(`example-${kind}.test.ts`)]
  const usage = read('usage.ts').replace(`'./${names.file}.js'`, `'${names.packageName}'`)
  const packages = ownPackagesIn(part)
  const besides = (source: string) => ownPackagesIn(source).filter((name) => !packages.includes(name) && name !== names.packageName)
  return { sources: { [`${names.file}.ts`]: part, [`${names.file}.test.ts`]: test }, usage, packages, packagesOfUsage: besides(usage), packagesOfTests: besides(test) }
}

/** What is read of the package.json of the skeleton. */
export interface SkeletonManifest extends Readonly<Record<string, unknown>> {
  readonly license: string
  readonly devDependencies: Readonly<Record<string, string>>
}

/** Files whose names mean something where they lie here: npm leaves out a `.gitignore`, and a package.json makes a package. */
const NAMED_OTHERWISE: Readonly<Record<string, string>> = { gitignore: '.gitignore', 'manifest.json': 'package.json' }

/** The files that plugins of all kinds have, by their paths. */
export function readSkeleton(): Readonly<Record<string, string>> {
  const folder = join(templates, 'skeleton')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      const here = path.slice(folder.length + 1).replaceAll('\\', '/')
      return [NAMED_OTHERWISE[here] ?? here, readFileSync(path, 'utf8')]
    }),
  )
}

/** With the names of a plugin in place of those of the template. */
function renamed(text: string, kind: Kind, { file, part }: PluginNames): string {
  const capital = kind[0]!.toUpperCase() + kind.slice(1)
  const [small, large] = [part[0]!.toLowerCase() + part.slice(1), part[0]!.toUpperCase() + part.slice(1)]
  return text.replaceAll(`example-${kind}`, file).replaceAll(`Example${capital}`, large).replaceAll(`example${capital}`, small)
}

/** Names of all packages that a source imports. */
export const packagesIn = (source: string): readonly string[] => [...new Set([...source.matchAll(/from '((?:@[a-z-]+\/)?[a-z][a-z-]*)'/g)].map(([, name]) => name!))].sort()

/** What a source imports, by name. */
const importedNames = (source: string): readonly string[] => [...source.matchAll(/^import (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) => list!.split(',').map((name) => name.trim().replace(/^type /, '')))

const ownPackagesIn = (source: string): readonly string[] => packagesIn(source).filter((name) => name.startsWith('@metric-learning/'))
