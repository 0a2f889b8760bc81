import { fileURLToPath } from 'node:url'
import type { Kind, OptionDescription, PartDescription } from '@metric-learning/experiments'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Types of options that are parts themselves, by their names. */
const PARTS: Readonly<Record<string, Kind>> = {
  AccuracyCalculator: 'accuracyCalculators',
  Clustering: 'clusterings',
  Distance: 'distances',
  Loss: 'losses',
  Metric: 'metrics',
  Miner: 'miners',
  Module: 'embedders',
  Reducer: 'reducers',
  Regularizer: 'regularizers',
  Shape: 'shapes',
}

/** Of everything that a configuration can name: its options, as types and docstrings have them. By kind, then by name. */
export function describeParts(): Readonly<Record<string, Readonly<Record<string, PartDescription>>>> {
  const file = `${root}packages/experiments/src/registry/kinds.ts`
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, (path) => ts.sys.readFile(path)) as { config: { compilerOptions: object } }
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  const program = ts.createProgram([file], { ...options, composite: false, noEmit: true })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)!
  const kinds = checker.getExportsOfModule(checker.getSymbolAtLocation(source)!).find(({ name }) => name === 'KINDS')!
  const byName = (symbol: ts.Symbol) => checker.getTypeOfSymbolAtLocation(symbol, source).getProperties()
  return Object.fromEntries(
    byName(kinds).map((kind) => [kind.name, Object.fromEntries(byName(kind).map((part) => [part.name, describePart(checker, source, part)]))]),
  )
}

function describePart(checker: ts.TypeChecker, source: ts.SourceFile, part: ts.Symbol): PartDescription {
  const type = checker.getTypeOfSymbolAtLocation(part, source)
  const [signature] = [...type.getConstructSignatures(), ...type.getCallSignatures()]
  const [parameter] = signature!.getParameters()
  const doc = docOf(checker, declared(checker, part, type))
  const optionsType = parameter && optionsTypeOf(checker, checker.getTypeOfSymbolAtLocation(parameter, source))
  if (!optionsType) return { doc, options: {} }
  const isObject = (optionsType.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 && optionsType.getStringIndexType() === undefined
  if (!isObject && optionsType.getStringIndexType()?.flags !== ts.TypeFlags.Never) return { doc, options: {}, takesValue: true }
  return { doc, options: Object.fromEntries(optionsType.getProperties().map((option) => [option.name, describeOption(checker, source, option)])) }
}

/** Options are one argument, or the first of those that a base passes on. */
function optionsTypeOf(checker: ts.TypeChecker, type: ts.Type): ts.Type {
  const [first] = checker.isTupleType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [type]
  return checker.getNonNullableType(first!)
}

function describeOption(checker: ts.TypeChecker, source: ts.SourceFile, option: ts.Symbol): OptionDescription {
  const type = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(option, source))
  const forms = type.isUnion() ? type.types : [type]
  const list = forms.find((form) => checker.isArrayType(form))
  const element = list ? checker.getTypeArguments(list as ts.TypeReference)[0] : forms.map((form) => form.getStringIndexType()).find((form) => form !== undefined)
  const kind = kindOf(checker.getNonNullableType(element ?? type))
  return {
    type: checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType),
    doc: inOneLine(ts.displayPartsToString(option.getDocumentationComment(checker))),
    isRequired: (option.flags & ts.SymbolFlags.Optional) === 0,
    ...(kind && { kind }),
    ...(kind && element && { several: list ? ('list' as const) : ('record' as const) }),
  }
}

/** Of a part, or of several that may be named in one place. */
function kindOf(type: ts.Type): Kind | undefined {
  const names = (type.isUnion() ? type.types : [type]).map((one) => (one.aliasSymbol ?? one.getSymbol())?.name ?? '')
  const alias = type.aliasSymbol?.name
  return PARTS[alias ?? ''] ?? names.map((name) => PARTS[name]).find((kind) => kind !== undefined)
}

/** What is said of a part stands where its class or function is declared. */
function declared(checker: ts.TypeChecker, part: ts.Symbol, type: ts.Type): ts.Symbol {
  const own = type.getSymbol()
  if (own && own.name !== '__function' && (own.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Function)) !== 0) return own
  const [declaration] = part.getDeclarations() ?? []
  // A shorthand or a function around one: the one of that name that is imported.
  const scope = declaration && checker.getSymbolsInScope(declaration, ts.SymbolFlags.Alias).find(({ name }) => name === part.name)
  return scope ? checker.getAliasedSymbol(scope) : part
}

/** The first paragraph. */
const docOf = (checker: ts.TypeChecker, symbol: ts.Symbol): string => inOneLine(ts.displayPartsToString(symbol.getDocumentationComment(checker)).split(/\n\s*\n/)[0]!)

const inOneLine = (text: string): string => text.replace(/\{@link (\w+)[^}]*\}/g, '$1').replace(/\s+/g, ' ').trim()
