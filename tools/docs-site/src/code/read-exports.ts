import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import ts from 'typescript'
import { root } from '../root.js'

/** An option, or a field of a context, as its type and its docstring have it. */
export interface DocumentedField {
  readonly name: string
  readonly type: string
  /** The docstring in one line, links as `{@link Name}`. */
  readonly doc: string
  readonly isRequired: boolean
}

/** What a package exports: a class or a function, with the options of its first argument. */
export interface DocumentedExport {
  readonly name: string
  /** `@metric-learning/losses` */
  readonly package: string
  /** `plugins/losses` */
  readonly room: string
  readonly kind: 'class' | 'function' | 'other'
  /** Path in the repository. */
  readonly file: string
  /** The docstring, paragraph by paragraph; lines that are indented as code are blocks of it. */
  readonly paragraphs: readonly string[]
  /** Texts of the tags of the docstring, by their names. */
  readonly tags: ReadonlyMap<string, readonly string[]>
  readonly options: readonly DocumentedField[]
  /** Its first argument where that is no options: `k: number`. */
  readonly argument: string | undefined
}

/** Everything that packages and plugins export, and what hooks pass. */
export interface DocumentedCode {
  readonly exports: readonly DocumentedExport[]
  readonly hooks: readonly DocumentedHook[]
}

export interface DocumentedHook {
  readonly name: string
  readonly doc: string
  /** `AsyncTaps`, by which it is told how taps are called. */
  readonly taps: string
  /** `BatchEndContext` */
  readonly context: string
  readonly fields: readonly DocumentedField[]
  /** What a tap may return. */
  readonly returns: readonly DocumentedField[]
}

/** Packages and plugins of this checkout, `plugins/losses`, but for the one whose exports are all of the others. */
export const rooms = (): readonly string[] =>
  ['packages', 'plugins']
    .flatMap((kind) => readdirSync(root + kind).map((name) => `${kind}/${name}`))
    .filter((room) => room !== 'packages/metric-learning' && existsSync(`${root}${room}/src/index.ts`))

/** Reads types and docstrings of all packages: takes some seconds. */
export function readCode(): DocumentedCode {
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, (path) => ts.sys.readFile(path)) as { config: { compilerOptions: object } }
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  const indexOf = (room: string): string => `${root}${room}/src/index.ts`
  const program = ts.createProgram(rooms().map(indexOf), { ...options, composite: false, noEmit: true })
  const reader = new Reader(program.getTypeChecker())
  const seen = new Set<ts.Symbol>()
  const exports = rooms().flatMap((room) => {
    const { name } = JSON.parse(readFileSync(`${root}${room}/package.json`, 'utf8')) as { name: string }
    return reader.exportsOf(program.getSourceFile(indexOf(room))!, { package: name, room }, seen)
  })
  return { exports, hooks: reader.hooksOf(program.getSourceFile(`${root}packages/core/src/hooks/trainer-hooks.ts`)!) }
}

class Reader {
  readonly #checker: ts.TypeChecker

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker
  }

  /** Classes and functions that a file exports, each from the package that it is declared in. */
  exportsOf(file: ts.SourceFile, where: { readonly package: string; readonly room: string }, seen: Set<ts.Symbol>): readonly DocumentedExport[] {
    return this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(file)!).flatMap((exported) => {
      const symbol = (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : this.#checker.getAliasedSymbol(exported)
      const declaration = symbol.valueDeclaration
      if (!declaration || seen.has(symbol)) return []
      const path = relative(root, declaration.getSourceFile().fileName)
      if (!path.startsWith(`${where.room}/`)) return []
      seen.add(symbol)
      const type = this.#checker.getTypeOfSymbolAtLocation(symbol, declaration)
      const [signature] = [...type.getConstructSignatures(), ...type.getCallSignatures()]
      const parameter = signature?.getParameters()[0]
      const options = parameter ? this.#optionsOf(parameter, declaration) : []
      const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0
      return [
        {
          name: exported.name,
          ...where,
          kind: isClass ? 'class' : signature ? 'function' : 'other',
          file: path,
          ...readDocstring(symbol, this.#checker),
          options,
          argument: parameter && options.length === 0 ? `${parameter.name}: ${this.#textOf(this.#checker.getTypeOfSymbolAtLocation(parameter, declaration))}` : undefined,
        } satisfies DocumentedExport,
      ]
    })
  }

  /** The options of a first argument; none where it is something else, such as a tensor or a data set. */
  #optionsOf(parameter: ts.Symbol, at: ts.Node): readonly DocumentedField[] {
    const given = this.#checker.getTypeOfSymbolAtLocation(parameter, at)
    const [first = given] = this.#checker.isTupleType(given) ? this.#checker.getTypeArguments(given as ts.TypeReference) : [given]
    const type = this.#checker.getNonNullableType(first)
    const declaration = parameter.valueDeclaration
    const isDestructured = declaration && ts.isParameter(declaration) && ts.isObjectBindingPattern(declaration.name)
    const names = [type.aliasSymbol?.name, type.getSymbol()?.name, parameter.name].filter((name) => name !== undefined)
    if (!isDestructured && !names.some((name) => /options|parts$/i.test(name)) && !this.#checker.isTupleType(given)) return []
    const forms = type.isUnion() ? type.types : [type]
    const fields = new Map(forms.flatMap((form) => form.getProperties()).map((option) => [option.name, option]))
    // Of alternatives an option may be `undefined` in one of them: what the others say of it holds.
    for (const form of forms) for (const option of form.getProperties()) if (docOf(option, this.#checker) !== '') fields.set(option.name, option)
    return [...fields.values()].filter((option) => !isOfObjects(option)).map((option) => this.field(option, at, forms))
  }

  /** @param forms alternatives: what is missing in one of them is not required */
  field(symbol: ts.Symbol, at: ts.Node, forms: readonly ts.Type[] = []): DocumentedField {
    const type = this.#checker.getNonNullableType(this.#checker.getTypeOfSymbolAtLocation(symbol, at))
    const isEverywhere = forms.every((form) => {
      const own = form.getProperty(symbol.name)
      return own !== undefined && (own.flags & ts.SymbolFlags.Optional) === 0
    })
    return { name: symbol.name, type: this.#textOf(type), doc: docOf(symbol, this.#checker), isRequired: isEverywhere && (symbol.flags & ts.SymbolFlags.Optional) === 0 }
  }

  #textOf(type: ts.Type): string {
    const { NoTruncation, UseSingleQuotesForStringLiteralType, UseAliasDefinedOutsideCurrentScope } = ts.TypeFormatFlags
    const flags = NoTruncation | UseSingleQuotesForStringLiteralType | UseAliasDefinedOutsideCurrentScope
    return this.#checker.typeToString(type, undefined, flags).replaceAll(/import\("[^"]+"\)\./g, '')
  }

  /** The hooks of `TrainerHooks`, in the order of their declaration. */
  hooksOf(file: ts.SourceFile): readonly DocumentedHook[] {
    const declaration = file.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === 'TrainerHooks')!
    return declaration.members.filter(ts.isPropertySignature).map((member) => {
      const reference = member.type as ts.TypeReferenceNode
      const [context, returned] = reference.typeArguments ?? []
      const symbol = this.#checker.getSymbolAtLocation(member.name)!
      const fieldsOf = (node: ts.TypeNode) => {
        const type = this.#checker.getTypeFromTypeNode(node)
        const forms = type.isUnion() ? type.types : [type]
        const fields = new Map(forms.flatMap((form) => form.getProperties()).map((field) => [field.name, field]))
        return [...fields.values()].map((field) => this.field(field, member, forms))
      }
      const taps = reference.typeName.getText()
      return {
        name: symbol.name,
        doc: docOf(symbol, this.#checker),
        taps,
        context: context!.getText(),
        fields: fieldsOf(context!),
        returns: returned ? fieldsOf(returned) : [],
      }
    })
  }
}

/** Whether it is a method that every object has. */
const isOfObjects = (symbol: ts.Symbol): boolean => symbol.declarations?.every((declaration) => /\/lib\.[\w.]+\.d\.ts$/.test(declaration.getSourceFile().fileName)) ?? false

function readDocstring(symbol: ts.Symbol, checker: ts.TypeChecker): Pick<DocumentedExport, 'paragraphs' | 'tags'> {
  const paragraphs = textOf(symbol.getDocumentationComment(checker)).split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== '')
  const tags = new Map<string, string[]>()
  for (const { name, text } of symbol.getJsDocTags(checker)) {
    tags.set(name, [...(tags.get(name) ?? []), textOf(text ?? []).trim()])
  }
  return { paragraphs: paragraphs.map((paragraph) => (/^ {4}/.test(paragraph) ? paragraph : inOneLine(paragraph))), tags }
}

const docOf = (symbol: ts.Symbol, checker: ts.TypeChecker): string => inOneLine(textOf(symbol.getDocumentationComment(checker)))

/** Text of a docstring, links with what they lead to alone. */
const textOf = (parts: readonly ts.SymbolDisplayPart[]): string =>
  ts
    .displayPartsToString([...parts])
    .replaceAll(/\{@link\s+([^}|\s]+)[^}]*\}/g, '{@link $1}')

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
