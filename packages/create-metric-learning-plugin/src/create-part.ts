import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { CreatePluginError } from './create-plugin-error.js'
import { expectKnownOptions, expectTexts } from './expect-options.js'
import { expectKind, type Kind } from './kinds.js'
import { pluginNames, type PluginNames } from './plugin-names.js'
import { fillTemplate, packagesIn, readSkeleton, type SkeletonManifest } from './template.js'

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
  /** What the part imports, and package.json does not have among what it installs for use: `npm install` takes these. */
  readonly missing: readonly string[]
  /** What its test wants besides, and package.json does not name: `npm install --save-dev` takes these. */
  readonly missingInTests: readonly string[]
}

const WHO = 'createPart'

/**
 * Writes a part of one's own into a project that there is: its source with formula and options, and its test by the kit, which chooses a backend
 * itself where the project has no `test-backend.ts`, as packages by `createPlugin` have. Nothing else is changed, and nothing installed.
 *
 * @throws {CreatePluginError} `CPL_OPTION`, `CPL_KIND`, `CPL_NAME` as of `createPlugin`, `CPL_NO_PROJECT` where there is no package.json, `CPL_EXISTS`
 * for a file that is there already, `CPL_IO` for what can't be read or written.
 * @example createPart({ kind: 'loss', name: 'spread-loss' }) // writes src/spread-loss.ts and src/spread-loss.test.ts
 */
export function createPart(options: CreatePartOptions): CreatedPart {
  expectKnownOptions(WHO, options, ['kind', 'name', 'folder', 'project'])
  const { kind } = options
  expectKind(WHO, kind)
  expectTexts(WHO, { folder: options.folder, project: options.project })
  const names = pluginNames(WHO, kind, options.name)
  const project = projectAbove(resolve(options.project ?? options.folder ?? '.'))
  const folder = options.folder === undefined ? defaultFolder(project) : resolve(options.folder)
  const [[partFile, part], [testFile, ofTemplate]] = Object.entries(fillTemplate(WHO, kind, names).sources) as [[string, string], [string, string]]
  const test = existsSync(join(project, 'test-backend.ts')) ? ofTemplate : withBackend(ofTemplate)
  const files = [partFile, testFile].map((file) => join(folder, file))
  const present = files.find((file) => existsSync(file))
  if (present !== undefined) throw new CreatePluginError('CPL_EXISTS', { who: WHO, wanted: 'files that are not there yet', got: present, fix: 'Pass another name or `folder`.' })
  const known = dependenciesOf(project)
  try {
    mkdirSync(folder, { recursive: true })
    for (const [at, text] of [part, test].entries()) writeFileSync(files[at]!, text, { flag: 'wx' })
  } catch (cause) {
    throw new CreatePluginError('CPL_IO', { who: WHO, wanted: `to write ${folder}`, got: (cause as Error).message, fix: 'Pass a `folder` that can be written.', cause })
  }
  const ofPart = packagesIn(part)
  const ofTest = [...new Set([...packagesIn(test), '@metric-learning/backend', '@tensorflow/tfjs', '@tensorflow/tfjs-core'])].filter((name) => !ofPart.includes(name)).sort()
  return {
    file: names.file,
    part: names.part,
    kind,
    project,
    files: files.map((file) => relative(project, file)),
    missing: ofPart.filter((name) => !known.inUse.has(name)).map(asInstalled),
    missingInTests: ofTest.filter((name) => !known.inUse.has(name) && !known.inTests.has(name)).map(asInstalled),
  }
}

/** A test that chooses the backend before its first suite. */
function withBackend(test: string): string {
  const [imports, ...suites] = test.split('\n\n')
  const lines = imports!.split('\n')
  const at = lines.findIndex((line) => line.includes("from '@metric-learning/plugin-testkit'"))
  const all = [...lines.slice(0, at), "import { useBackend } from '@metric-learning/backend'", ...lines.slice(at)].join('\n')
  return [all, "// The fastest backend that works here. (Several tests can have it of one file among vitest's `setupFiles`.)\nawait useBackend('auto', { log: () => undefined })", ...suites].join('\n\n')
}

/**
 * With the version of what is not ours that the templates are tried with: `vitest@4.1.12`. Of `vitest@4` and of `vitest`, npm 10, which comes with
 * Node 20 and 22, says "Cannot read properties of null", since Vitest 4.1.12 asks for a package of another version than its own.
 */
function asInstalled(name: string): string {
  const { devDependencies } = JSON.parse(readSkeleton()['package.json']!) as SkeletonManifest
  const version = /\d.*/.exec(devDependencies[name] ?? '')
  return version ? `${name}@${version[0]}` : name
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

/** Names of the packages that a project has where it is used, and of those that it is developed with. */
function dependenciesOf(project: string): { readonly inUse: ReadonlySet<string>; readonly inTests: ReadonlySet<string> } {
  const path = join(project, 'package.json')
  try {
    const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string> | undefined>
    return { inUse: new Set(Object.keys({ ...dependencies, ...peerDependencies })), inTests: new Set(Object.keys(devDependencies)) }
  } catch (cause) {
    throw new CreatePluginError('CPL_IO', { who: WHO, wanted: `to read ${path}`, got: (cause as Error).message, fix: 'Mend it: npm can not read it either.', cause })
  }
}
