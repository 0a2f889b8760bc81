import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { CreatePluginError } from './create-plugin-error.js'
import { expectKnownOptions } from './expect-known-options.js'
import { expectKind, type Kind } from './kinds.js'
import { pluginNames, type PluginNames } from './plugin-names.js'
import { fillTemplate } from './template.js'

export interface CreatePartOptions {
  /** What it is. */
  readonly kind: Kind
  /** Its name, such as `spread-loss`, from which those of the class and the files follow. */
  readonly name: string
  /** The folder of its files. Default: `src` of the project, or the project itself where it has none. */
  readonly folder?: string
  /** Where the project is looked for: here, or in a folder above. Default: `folder`, else the current folder. */
  readonly project?: string
}

/** What was made. */
export interface CreatedPart extends Pick<PluginNames, 'file' | 'part'> {
  readonly kind: Kind
  /** The folder with the package.json. */
  readonly project: string
  /** The part and its test. */
  readonly files: readonly string[]
  /** What they import, and the package.json does not name. */
  readonly missing: readonly string[]
}

const WHO = 'createPart'

/**
 * Writes a part of one's own into a project that there is: its source with formula and options, and its test by the kit. Nothing else is changed, and
 * nothing installed.
 *
 * @throws {CreatePluginError} `CPL_OPTION`, `CPL_KIND`, `CPL_NAME` as of `createPlugin`, `CPL_NO_PROJECT` where there is no package.json, `CPL_EXISTS`
 * for a file that is there already, `CPL_IO` for what can't be read or written.
 * @example createPart({ kind: 'loss', name: 'spread-loss' }) // writes src/spread-loss.ts and src/spread-loss.test.ts
 */
export function createPart(options: CreatePartOptions): CreatedPart {
  expectKnownOptions(WHO, options, ['kind', 'name', 'folder', 'project'])
  const { kind } = options
  expectKind(WHO, kind)
  const names = pluginNames(WHO, kind, options.name)
  const project = projectAbove(resolve(options.project ?? options.folder ?? '.'))
  const folder = options.folder === undefined ? defaultFolder(project) : resolve(options.folder)
  const { sources, packages, packagesOfTests } = fillTemplate(kind, names)
  const files = Object.keys(sources).map((file) => join(folder, file))
  const present = files.find((file) => existsSync(file))
  if (present !== undefined) throw new CreatePluginError('CPL_EXISTS', { who: WHO, wanted: 'files that are not there yet', got: present, fix: 'Pass another name or `folder`.' })
  const known = dependenciesOf(project)
  try {
    mkdirSync(folder, { recursive: true })
    for (const [file, text] of Object.entries(sources)) writeFileSync(join(folder, file), text, { flag: 'wx' })
  } catch (cause) {
    throw new CreatePluginError('CPL_IO', { who: WHO, wanted: `to write ${folder}`, got: (cause as Error).message, fix: 'Pass a `folder` that can be written.', cause })
  }
  const wanted = [...packages, ...packagesOfTests, '@metric-learning/backend', '@metric-learning/plugin-testkit', '@tensorflow/tfjs', '@tensorflow/tfjs-core', 'vitest']
  return { file: names.file, part: names.part, kind, project, files: files.map((file) => relative(project, file)), missing: [...new Set(wanted)].filter((name) => !known.has(name)).sort() }
}

function projectAbove(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at
    if (dirname(at) === at) break
  }
  throw new CreatePluginError('CPL_NO_PROJECT', {
    who: WHO,
    wanted: 'a project: a folder with a package.json',
    got: `none in ${folder} and above`,
    fix: 'Begin one with `npm init`, or make a package of its own with `npm create metric-learning-plugin`.',
  })
}

const defaultFolder = (project: string): string => (existsSync(join(project, 'src')) ? join(project, 'src') : project)

/** Names of all packages that a project depends on. */
function dependenciesOf(project: string): ReadonlySet<string> {
  const path = join(project, 'package.json')
  try {
    const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string> | undefined>
    return new Set(Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }))
  } catch (cause) {
    throw new CreatePluginError('CPL_IO', { who: WHO, wanted: `to read ${path}`, got: (cause as Error).message, fix: 'Mend it: npm can not read it either.', cause })
  }
}
