import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { root } from '../root.js'

const folder = 'packages/evaluation/src/metrics'

/** A metric as its declaration has it. */
export interface DocumentedMetric {
  /** What it is exported or included by: `recallAtK`, `precisionAt1`. */
  readonly name: string
  /** Path in the repository. */
  readonly file: string
  readonly paragraphs: readonly string[]
  readonly tags: ReadonlyMap<string, readonly string[]>
  /** Name, label, title, meaning, what it judges and how deep: as code has them, `${k}` as k. */
  readonly fields: ReadonlyMap<string, string>
  /** `recallAtK(k)`, of those that a function makes. */
  readonly call: string | undefined
}

/** All metrics of evaluation, those that are always there first. */
export function readMetrics(): readonly DocumentedMetric[] {
  const files = readdirSync(`${root}${folder}`).filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file)).sort()
  const metrics = files.flatMap((name) => {
    const file = `${folder}/${name}`
    const source = ts.createSourceFile(name, readFileSync(root + file, 'utf8'), ts.ScriptTarget.Latest, true)
    return source.statements.flatMap((statement) => readMetric(statement, file))
  })
  return [...metrics.filter(({ call }) => !call), ...metrics.filter(({ call }) => call)]
}

function readMetric(statement: ts.Statement, file: string): readonly DocumentedMetric[] {
  const name = ts.isFunctionDeclaration(statement) ? statement.name : ts.isVariableStatement(statement) ? statement.declarationList.declarations[0]!.name : undefined
  const literal = name && descriptionIn(statement)
  if (!name || !literal) return []
  const fields = literal.properties.filter(ts.isPropertyAssignment).map((property): [string, string] => [property.name.getText(), textOf(property.initializer)])
  const [doc] = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc)
  const tags = new Map<string, string[]>()
  for (const tag of doc?.tags ?? []) tags.set(tag.tagName.text, [...(tags.get(tag.tagName.text) ?? []), plainText(tag)])
  const text = (ts.getTextOfJSDocComment(doc?.comment) ?? '').replaceAll(/\{@link\s+([^}|\s]+)[^}]*\}/g, '{@link $1}')
  const parameters = ts.isFunctionDeclaration(statement) ? statement.parameters.filter(({ initializer, questionToken }) => !initializer && !questionToken).map((parameter) => parameter.name.getText()) : undefined
  return [
    {
      name: name.getText(),
      file,
      paragraphs: text.split(/\n\s*\n/).map((paragraph) => (/^ {4}/.test(paragraph) ? paragraph : paragraph.replaceAll(/\s+/g, ' ').trim())),
      tags,
      fields: new Map(fields),
      call: parameters && `${name.getText()}(${parameters.join(', ')})`,
    },
  ]
}

/** Text of a tag as it stands, in one line: TypeScript takes the first word after `@see` for a name, and drops it. */
const plainText = (tag: ts.JSDocTag): string =>
  tag
    .getText()
    .replace(/^@\w+/, '')
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** The object that says what it `judges`. */
function descriptionIn(node: ts.Node): ts.ObjectLiteralExpression | undefined {
  if (ts.isObjectLiteralExpression(node) && node.properties.some((property) => property.name?.getText() === 'judges')) return node
  return ts.forEachChild(node, descriptionIn)
}

/** The text of a literal, its variables by their names. */
function textOf(node: ts.Expression): string {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text
  return node.getText().replaceAll(/^`|`$/g, '').replaceAll(/\$\{([^}]+)\}/g, '$1')
}
