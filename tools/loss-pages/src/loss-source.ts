import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** Where the sources of losses are. */
const lossSources = fileURLToPath(new URL('../../../plugins/losses/src/', import.meta.url))

/** What the source of a loss says about it. */
export interface LossSource {
  readonly name: string
  /** Path within the sources of losses. */
  readonly file: string
  /** The docstring, paragraph by paragraph, its source and its tags apart. */
  readonly paragraphs: readonly string[]
  /** Where the loss comes from: the last paragraph of the docstring. */
  readonly source: string
  /** TeX of the tags `@formula`. */
  readonly formulas: readonly string[]
  /** The tag `@useWhen`. */
  readonly useWhen: string
  /** The tags `@throws`: `{OptionError} when …`. */
  readonly errors: readonly string[]
  /** The tag `@example`: code. */
  readonly example: string | undefined
  /** What stands above each declared option. */
  readonly options: ReadonlyMap<string, string>
  /** What makes the distance, the reducer and the first weights that are taken where none are given, as code. */
  readonly made: ReadonlyMap<string, string>
  /** The only measure that the formula holds for. */
  readonly onlyMeasure: string | undefined
  /** Whether a selection does in place of labels. */
  readonly doesWithSelection: boolean
}

/** Losses and wrappers by their names. */
export function readLossSources(): ReadonlyMap<string, LossSource> {
  const files = readdirSync(lossSources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file))
    .sort()
    .map((file) => ts.createSourceFile(file, readFileSync(lossSources + file, 'utf8'), ts.ScriptTarget.Latest, true))
  const types = files.flatMap((file) => file.statements.filter(ts.isTypeAliasDeclaration))
  const ofBases = new Map(types.map(({ name, type }) => [name.text, propertyDocs(type)]))
  const losses = files.flatMap((file) =>
    file.statements.filter(ts.isClassDeclaration).flatMap((declaration): [string, LossSource][] => {
      const loss = readLoss(declaration, file, ofBases)
      return loss ? [[loss.name, loss]] : []
    }),
  )
  return new Map(losses)
}

/** What stands above each property of a type, nested ones included. */
function propertyDocs(type: ts.TypeNode): ReadonlyMap<string, string> {
  const docs = new Map<string, string>()
  const visit = (node: ts.Node): void => {
    if (ts.isPropertySignature(node)) docs.set(node.name.getText(), docOf(node))
    else ts.forEachChild(node, visit)
  }
  visit(type)
  return docs
}

/** @param ofBases what stands above the options that the bases add, by the names of their types */
function readLoss(
  declaration: ts.ClassDeclaration,
  file: ts.SourceFile,
  ofBases: ReadonlyMap<string, ReadonlyMap<string, string>>,
): LossSource | undefined {
  const [heritage] = declaration.heritageClauses ?? []
  const base = heritage?.types[0]?.expression
  if (!declaration.name || !base || !isOffered(declaration)) return undefined
  const isWrapper = heritage.token === ts.SyntaxKind.ImplementsKeyword && base.getText() === 'Loss'
  const call = ts.isCallExpression(base) && ['metricLoss', 'classVectorsLoss'].includes(base.expression.getText()) ? base : undefined
  if (!isWrapper && !call) return undefined
  const setup = call?.arguments[0] as ts.ObjectLiteralExpression | undefined
  const isOverVectors = call?.expression.getText() === 'classVectorsLoss'
  const ofSetup = (name: string) => setup && propertyOf(setup, name)
  return {
    name: declaration.name.text,
    file: file.fileName,
    ...readDocstring(declaration),
    options: new Map([
      ...optionDocs((ofSetup('options') as ts.ObjectLiteralExpression | undefined) ?? ownOptions(file)),
      ...(isOverVectors ? ofBases.get('ClassVectorsOptions')! : []),
      ...(setup ? ofBases.get('CommonOptions')! : []),
    ]),
    made: new Map([
      ...['distance', 'reducer'].flatMap((name): [string, string][] => {
        const made = ofSetup(name)
        return made && ts.isArrowFunction(made) ? [[name, made.body.getText()]] : []
      }),
      ['weightInitFunc', ofSetup('init')?.getText() ?? 'standardNormal'],
    ]),
    onlyMeasure: ofSetup('onlyDistance') && /new (\w+)/.exec(ofSetup('distance')?.getText() ?? '')?.[1],
    doesWithSelection: ofSetup('labels')?.getText() === "'unlessSelected'",
  }
}

function readDocstring(declaration: ts.ClassDeclaration) {
  const [doc] = ts.getJSDocCommentsAndTags(declaration).filter(ts.isJSDoc)
  const paragraphs = textOf(doc?.comment).split(/\n\s*\n/)
  const tags = (name: string) => (doc?.tags ?? []).filter(({ tagName }) => tagName.text === name)
  const texts = (name: string) => tags(name).map(({ comment }) => inOneLine(textOf(comment)))
  return {
    paragraphs: paragraphs.slice(0, -1).map(inOneLine),
    source: inOneLine(paragraphs.at(-1) ?? ''),
    formulas: texts('formula'),
    useWhen: texts('useWhen').join(' '),
    errors: tags('throws').map((tag) => inOneLine(tag.getText().replace(/^@throws/, '').replace(/^\s*\* ?/gm, ''))),
    example: tags('example').map(({ comment }) => textOf(comment))[0],
  }
}

/** What stands above each option of an object literal. */
const optionDocs = (options: ts.ObjectLiteralExpression): [string, string][] =>
  options.properties.flatMap((property) => (property.name ? [[property.name.getText(), docOf(property)]] : []))

/** The constant `options` of a file. */
function ownOptions(file: ts.SourceFile): ts.ObjectLiteralExpression {
  const constants = file.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => [...declarationList.declarations])
  return constants.find(({ name }) => name.getText() === 'options')!.initializer as ts.ObjectLiteralExpression
}

const propertyOf = (object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined =>
  object.properties.filter(ts.isPropertyAssignment).find((property) => property.name.getText() === name)?.initializer

/** Whether it is exported, and no base. */
function isOffered({ modifiers }: ts.ClassDeclaration): boolean {
  const kinds = (modifiers ?? []).map(({ kind }) => kind)
  return kinds.includes(ts.SyntaxKind.ExportKeyword) && !kinds.includes(ts.SyntaxKind.AbstractKeyword)
}

const docOf = (node: ts.Node): string => {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  return inOneLine(textOf(doc?.comment))
}

const textOf = (comment: Parameters<typeof ts.getTextOfJSDocComment>[0]): string => ts.getTextOfJSDocComment(comment) ?? ''

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
