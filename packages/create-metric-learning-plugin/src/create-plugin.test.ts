import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createPart, createPlugin, CreatePluginError, KIND_NAMES, type Kind } from './index.js'

const root = mkdtempSync(join(tmpdir(), 'create-plugin-'))
afterAll(() => rmSync(root, { recursive: true }))
let count = 0
const place = () => join(root, String(++count))
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>

/** The code of what a call throws. */
function codeOf(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    if (!(error instanceof CreatePluginError)) throw error
    expect(error.message).toBe(`${error.parts.who}: wanted ${error.parts.wanted}, got ${error.parts.got}. ${error.parts.fix}`)
    return error.code
  }
  return undefined
}

describe.each(KIND_NAMES)('createPlugin of a %s', (kind) => {
  const { folder, files, part } = createPlugin({ kind, name: `@acme/metric-learning-quick-${kind}`, folder: place(), author: 'A. Author', year: 2030 })
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')

  it('writes a whole package', () => {
    expect(files).toEqual(['.github/workflows/ci.yml', '.gitignore', 'LICENSE', 'README.md', 'eslint.config.js', 'package.json', `src/index.ts`, `src/quick-${kind}.test.ts`, `src/quick-${kind}.ts`, 'test-backend.ts', 'tsconfig.build.json', 'tsconfig.json', 'vitest.config.ts'])
    expect(readFileSync(join(folder, 'src/index.ts'), 'utf8')).toBe(`export * from './quick-${kind}.js'\n`)
    expect(readFileSync(join(folder, `src/quick-${kind}.ts`), 'utf8')).toMatch(new RegExp(`export (class|function) ${part}\\b`))
  })

  it('has none of the names of templates left', () => {
    expect(text).not.toMatch(/example-|Example[A-Z]|example[A-Z]|IMPORTS|USAGE|The Author/)
    expect(text).toContain('Copyright (c) 2030 A. Author')
  })

  it('names all that it imports, of the version of this package', () => {
    const { peerDependencies = {}, devDependencies = {}, keywords } = json(join(folder, 'package.json'))
    const imported = (source: string) => new Set([...source.matchAll(/from '((?:@[a-z-]+\/)?[a-z-]+)'/g)].map(([, name]) => name!))
    for (const name of imported(readFileSync(join(folder, `src/quick-${kind}.ts`), 'utf8'))) expect(peerDependencies).toHaveProperty([name])
    for (const name of imported(readFileSync(join(folder, `src/quick-${kind}.test.ts`), 'utf8'))) expect(devDependencies).toHaveProperty([name])
    for (const name of imported(readFileSync(join(folder, 'README.md'), 'utf8'))) if (!name.startsWith('@acme/')) expect(devDependencies).toHaveProperty([name])
    const { version } = json(new URL('../package.json', import.meta.url).pathname)
    for (const [name, range] of Object.entries({ ...peerDependencies, ...devDependencies })) if (name.startsWith('@metric-learning/')) expect(range).toBe(`^${String(version)}`)
    expect(keywords).toEqual(expect.arrayContaining(['metric-learning-plugin', kind]))
  })
})

it('asks for the versions of tools that this project is tested with', () => {
  const { devDependencies: own = {} } = json(new URL('../../../package.json', import.meta.url).pathname)
  const { devDependencies = {} } = json(new URL('../templates/skeleton/manifest.json', import.meta.url).pathname)
  for (const [name, range] of Object.entries(devDependencies)) if (name in own) expect([name, range.replace('^', '')]).toEqual([name, own[name]!.replace('^', '')])
})

describe('createPlugin', () => {
  it.each([
    ['loss', 'spread-loss', 'SpreadLoss', 'spread-loss'],
    ['loss', 'spread', 'SpreadLoss', 'spread-loss'],
    ['loss', '@acme/metric-learning-spread.v2', 'SpreadV2Loss', 'spread-v2-loss'],
    ['metric', 'mean-rank-metric', 'meanRankMetric', 'mean-rank-metric'],
  ] as const)('calls a %s %s by %s', (kind, name, part, file) => {
    expect(createPlugin({ kind, name, folder: place() })).toMatchObject({ packageName: name, part, file })
  })

  it.each([
    ['an unknown kind', 'CPL_KIND', { kind: 'optimizer' }],
    ['no kind', 'CPL_KIND', { kind: undefined }],
    ['capitals', 'CPL_NAME', { name: 'SpreadLoss' }],
    ['a space', 'CPL_NAME', { name: 'spread loss' }],
    ['a name that begins with a dot', 'CPL_NAME', { name: '.spread-loss' }],
    ['a way out of the folder', 'CPL_NAME', { name: '../spread-loss' }],
    ['a name that begins with a digit', 'CPL_NAME', { name: '2d-loss' }],
    ['a name that is its kind alone', 'CPL_NAME', { name: 'loss' }],
    ['the name of what it is made with', 'CPL_NAME', { kind: 'distance', name: 'base-distance' }],
    ['215 characters', 'CPL_NAME', { name: `${'a'.repeat(210)}-loss` }],
    ['no name', 'CPL_NAME', { name: undefined }],
    ['an unknown option', 'CPL_OPTION', { path: 'here' }],
    ['an empty author', 'CPL_OPTION', { author: ' ' }],
    ['half a year', 'CPL_OPTION', { year: 2030.5 }],
  ])('refuses %s, and writes nothing', (_, code, mistake) => {
    const folder = place()
    expect(codeOf(() => createPlugin({ kind: 'loss', name: 'spread-loss', folder, ...mistake } as never))).toBe(code)
    expect(existsSync(folder)).toBe(false)
  })

  it('takes names and authors for what they are, also where they look like something else', () => {
    const folder = place()
    createPlugin({ kind: 'loss', name: 'example-part-loss', folder, author: "A. $& \\ 'Author'" })
    expect(json(join(folder, 'package.json'))).toMatchObject({ name: 'example-part-loss', author: "A. $& \\ 'Author'" })
    expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).toContain(` A. $& \\ 'Author'\n`)
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toMatch(/^# example-part-loss\n\n`ExamplePartLoss`, a loss/)
  })

  it('refuses a folder with files in it, and takes an empty one, or one with a repository', () => {
    const folder = place()
    mkdirSync(join(folder, '.git'), { recursive: true })
    createPlugin({ kind: 'loss', name: 'spread-loss', folder })
    expect(codeOf(() => createPlugin({ kind: 'loss', name: 'spread-loss', folder }))).toBe('CPL_EXISTS')
    expect(codeOf(() => createPlugin({ kind: 'loss', name: 'spread-loss', folder: join(folder, 'LICENSE') }))).toBe('CPL_EXISTS')
    expect(codeOf(() => createPlugin({ kind: 'loss', name: 'spread-loss', folder: join(folder, 'LICENSE/in') }))).toBe('CPL_IO')
  })
})

describe('createPart', () => {
  const projectOf = (manifest: object, ...folders: readonly string[]) => {
    const project = place()
    mkdirSync(project)
    for (const folder of folders) mkdirSync(join(project, folder))
    writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
    return project
  }

  it('writes a part and its test into src of a project, and says what is missing', () => {
    const project = projectOf({ dependencies: { '@metric-learning/losses': '^0.1.0' }, devDependencies: { '@metric-learning/distances': '^0.1.0', vitest: '^4' } }, 'src', 'deep')
    const { files, missing, missingInTests, part } = createPart({ kind: 'loss', name: 'spread', project: join(project, 'deep') })
    expect([part, ...files]).toEqual(['SpreadLoss', 'src/spread-loss.ts', 'src/spread-loss.test.ts'])
    expect(readdirSync(join(project, 'src')).sort()).toEqual(['spread-loss.test.ts', 'spread-loss.ts'])
    // What the part imports has to be there where it is used: not for development alone.
    expect(missing).toEqual(['@metric-learning/distances', '@metric-learning/reducers', '@tensorflow/tfjs-core@4.22.0'])
    expect(missingInTests).toEqual(['@metric-learning/backend', '@metric-learning/plugin-testkit', '@tensorflow/tfjs@4.22.0'])
    expect(codeOf(() => createPart({ kind: 'loss', name: 'spread-loss', project }))).toBe('CPL_EXISTS')
  })

  it('writes beside package.json where there is no src, or where it is told', () => {
    const project = projectOf({})
    expect(createPart({ kind: 'miner', name: 'close', project }).files).toEqual(['close-miner.ts', 'close-miner.test.ts'])
    expect(createPart({ kind: 'miner', name: 'close', project, folder: join(project, 'lib/miners') }).files[0]).toBe('lib/miners/close-miner.ts')
  })

  it.each(KIND_NAMES)('of a %s has a test that chooses a backend before its suites, unless the project does', (kind) => {
    const project = projectOf({})
    const [, test] = createPart({ kind, name: 'quick', project }).files
    const written = readFileSync(join(project, test!), 'utf8')
    expect(written).toMatch(/^(import [^\n]*\n)*import \{ useBackend \} from '@metric-learning\/backend'\n(import [^\n]*\n)*\n\/\/[^\n]*\nawait useBackend\('auto'/)
    writeFileSync(join(project, 'test-backend.ts'), '')
    const [, other] = createPart({ kind, name: 'quick', project, folder: join(project, 'lib') }).files
    expect(readFileSync(join(project, other!), 'utf8')).not.toContain('useBackend')
  })

  it.each(['folder', 'project'])('refuses a `%s` that is no text, and writes nothing', (option) => {
    const project = projectOf({})
    for (const value of [7, '', ' ', null, {}]) expect(codeOf(() => createPart({ kind: 'loss', name: 'spread', project, [option]: value } as never))).toBe('CPL_OPTION')
    expect(readdirSync(project)).toEqual(['package.json'])
  })

  it('refuses what is no project, and what is no kind', () => {
    expect(codeOf(() => createPart({ kind: 'loss', name: 'spread', project: '/' }))).toBe('CPL_NO_PROJECT')
    const broken = projectOf({})
    writeFileSync(join(broken, 'package.json'), '{')
    expect(codeOf(() => createPart({ kind: 'loss', name: 'spread', project: broken }))).toBe('CPL_IO')
    expect(codeOf(() => createPart({ kind: 'lose' as Kind, name: 'spread', project: broken }))).toBe('CPL_KIND')
    expect(readdirSync(broken)).toEqual(['package.json'])
  })
})
