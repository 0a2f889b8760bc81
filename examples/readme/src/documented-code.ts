import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { codeBlocksOf } from './snippets.js'

export const root = fileURLToPath(new URL('../../../', import.meta.url))
const given = fileURLToPath(new URL('given.ts', import.meta.url))

/** A block of a page as a module of its own. */
export interface DocumentedBlock {
  /** Path of the page, and which of its blocks, from 1. */
  readonly page: string
  readonly number: number
  readonly isUnrun: boolean
  /** Name of the module. */
  readonly file: string
  /** With imports of what it takes from earlier blocks, from packages and from `given.ts`, and exports of what it declares. */
  readonly text: string
  /** Whether it is whole: it takes nothing that is only told to be given, nor other files. */
  readonly isWhole: boolean
  /** What is wrong with it. */
  readonly mistakes: readonly string[]
}

/** Pages with code: docs, and the READMEs of packages, plugins and examples. */
export function pagesWithCode(): readonly string[] {
  const docs = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`)
  const readmes = ['packages', 'plugins', 'examples'].flatMap((kind) => readdirSync(root + kind).map((name) => `${kind}/${name}/README.md`))
  return ['README.md', ...docs, ...readmes].filter((page) => existsSync(root + page)).sort()
}

/**
 * The blocks of pages, completed and checked. A name that a block does not declare comes of the nearest block before it on the page that
 * has it, of `given.ts`, or of the package that exports it; a whole block names its imports itself.
 *
 * @param folder where their modules are thought to lie, inside the checkout so that imports resolve
 */
export function documentedBlocks(pages: readonly string[], folder: string): readonly DocumentedBlock[] {
  const blocks = pages.flatMap((page) =>
    codeBlocksOf(readFileSync(root + page, 'utf8')).map(({ code, isUnrun }, i) => {
      const file = join(folder, `${page.replaceAll(/[/.]/g, '-')}-${i + 1}.mts`)
      return { page, number: i + 1, isUnrun, file, code, declared: declaredIn(code) }
    }),
  )
  const first = check(new Map(blocks.map(({ file, code }) => [file, code])))
  const packages = exportsOfPackages(first.program)
  const givenNames = new Set(namesOf(first.program, given).map(([name]) => name))
  const typeNames = new Set(indexFiles().flatMap(({ file }) => namesOf(first.program, file).flatMap(([name, isType]) => (isType ? [name] : []))))
  const missing = new Map(blocks.map(({ file }) => [file, new Set((first.diagnostics.get(file) ?? []).flatMap(missingName))]))
  const wholeFiles = new Set<string>()
  const texts = blocks.map((block) => {
    const imports: string[] = []
    let isWhole = !/from '\.\.?\//.test(block.code)
    for (const name of missing.get(block.file)!) {
      const before = blocks.filter(({ page, number, declared }) => page === block.page && number < block.number && declared.has(name)).at(-1)
      const from = before ? `./${relative(dirname(block.file), before.file).replace(/\.mts$/, '.mjs')}` : givenNames.has(name) ? relative(dirname(block.file), given).replace(/\.ts$/, '.js') : packages.get(name)
      if (from === undefined) continue
      const isType = !before && typeNames.has(name)
      imports.push(name === 'tf' && !before ? `import * as tf from '@tensorflow/tfjs-core'` : `import ${isType ? 'type ' : ''}{ ${name} } from '${from}'`)
      if (!before || !wholeFiles.has(before.file)) isWhole = false
    }
    if (isWhole) wholeFiles.add(block.file)
    return { ...block, isWhole, text: `${imports.map((line) => `${line}\n`).join('')}${block.code}${exportsFor(block)}` }
  })
  const { diagnostics } = check(new Map(texts.map(({ file, text }) => [file, text])), first.program)
  return texts.map(({ page, number, isUnrun, file, text, isWhole }) => ({
    page,
    number,
    isUnrun,
    file,
    text,
    isWhole,
    mistakes: (diagnostics.get(file) ?? []).filter((diagnostic) => !isOfOtherFile(diagnostic)).map((diagnostic) => messageOf(diagnostic)),
  }))
}

/** Values and types that a block declares, or imports, at its top. */
function declaredIn(code: string): ReadonlyMap<string, 'value' | 'type' | 'exported' | 'imported'> {
  const source = ts.createSourceFile('block.mts', code, ts.ScriptTarget.Latest, true)
  const names = new Map<string, 'value' | 'type' | 'exported' | 'imported'>()
  const add = (name: ts.BindingName, kind: 'value' | 'exported'): void => {
    if (ts.isIdentifier(name)) names.set(name.text, kind)
    else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name, kind)
  }
  for (const statement of source.statements) {
    const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    const kind = isExported ? 'exported' : 'value'
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) add(name, kind)
    else if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name) names.set(statement.name.text, kind)
    else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) names.set(statement.name.text, isExported ? 'exported' : 'type')
  }
  return names
}

/** Exports of what a block declares, for blocks after it; a block without any is made a module. */
function exportsFor({ declared }: { readonly declared: ReadonlyMap<string, string> }): string {
  const of = (kind: string) => [...declared].filter(([, found]) => found === kind).map(([name]) => name)
  return `\nexport { ${of('value').join(', ')} }\nexport type { ${of('type').join(', ')} }\n`
}

interface Checked {
  readonly program: ts.Program
  readonly diagnostics: ReadonlyMap<string, readonly ts.Diagnostic[]>
}

function check(texts: ReadonlyMap<string, string>, before?: ts.Program): Checked {
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, (path) => ts.sys.readFile(path)) as { config: { compilerOptions: object } }
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  const compilerOptions = { ...options, composite: false, noEmit: true, noUnusedLocals: false, noUnusedParameters: false, declaration: false, declarationMap: false }
  const host = ts.createCompilerHost(compilerOptions)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (file) => texts.has(file) || fileExists(file)
  host.readFile = (file) => texts.get(file) ?? readFile(file)
  host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file)
    // Files of packages are parsed once.
    return text === undefined ? (before?.getSourceFile(file) ?? getSourceFile(file, version, ...rest)) : ts.createSourceFile(file, text, version, true)
  }
  const program = ts.createProgram([...texts.keys(), given, ...indexFiles().map(({ file }) => file)], compilerOptions, host)
  const diagnostics = [...texts.keys()].map((file): [string, readonly ts.Diagnostic[]] => {
    const source = program.getSourceFile(file)!
    return [file, [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]]
  })
  return { program, diagnostics: new Map(diagnostics) }
}

/** What packages and plugins export from. */
const indexFiles = () =>
  ['packages', 'plugins']
    .flatMap((kind) => readdirSync(root + kind).map((name) => `${kind}/${name}`))
    // All that it has is of the others.
    .filter((room) => existsSync(`${root}${room}/src/index.ts`) && room !== 'packages/metric-learning')
    .map((room) => ({ file: `${root}${room}/src/index.ts`, name: (JSON.parse(readFileSync(`${root}${room}/package.json`, 'utf8')) as { name: string }).name }))

const exportsOfPackages = (program: ts.Program): ReadonlyMap<string, string> =>
  new Map([['tf', '@tensorflow/tfjs-core'], ...indexFiles().flatMap(({ file, name }) => namesOf(program, file).map(([exported]): [string, string] => [exported, name]))])

/** What a file exports, and whether it is a type alone. */
function namesOf(program: ts.Program, file: string): readonly (readonly [string, boolean])[] {
  const checker = program.getTypeChecker()
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!).map((symbol) => {
    const { flags } = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)
    return [symbol.name, (flags & ts.SymbolFlags.Value) === 0]
  })
}

/** The name that a block uses and nobody declares. */
function missingName({ code, messageText }: ts.Diagnostic): readonly string[] {
  if (![2304, 2503, 2552, 18004].includes(code)) return []
  const [, name] = /'([^']+)'/.exec(ts.flattenDiagnosticMessageText(messageText, '\n')) ?? []
  return name === undefined ? [] : [name]
}

/** Whether it is about a file beside the block, which the page only tells about. */
const isOfOtherFile = ({ code, messageText }: ts.Diagnostic): boolean => code === 2307 && /'\.\.?\//.test(ts.flattenDiagnosticMessageText(messageText, '\n'))

function messageOf({ file, start = 0, messageText }: ts.Diagnostic): string {
  const line = file ? file.text.slice(file.text.lastIndexOf('\n', start) + 1).split('\n')[0] : ''
  return `${ts.flattenDiagnosticMessageText(messageText, '\n')}\n    in: ${line}`
}
