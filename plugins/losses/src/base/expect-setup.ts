import { describeValue, expectKnownOptions, expectOneOf, OptionError, ShapeError, type LossTerm } from '@metric-learning/contracts'
import type { DeclaredOptions } from '@metric-learning/ops'

const known = [
  ...['name', 'distance', 'onlyDistance', 'reducer', 'options', 'checkOptions', 'takesReferences', 'needsReferences', 'takesSelections', 'overClasses', 'compares', 'labels'],
  ...['numClasses', 'embeddingSize', 'parameters', 'buffers', 'byAnchor', 'fused', 'terms'],
]
const policies = ['needed', 'optional', 'refused', 'unlessSelected']
const compared = ['pairs', 'bothPairs', 'triplets', 'batch', 'embeddings']

/** What is checked of a loss that is declared. */
export interface DeclaredLoss {
  readonly name: string
  readonly distance: unknown
  readonly reducer: unknown
  readonly options: DeclaredOptions
  readonly labels?: unknown
  readonly compares?: unknown
  readonly terms: unknown
}

/**
 * Checks what a loss says about itself, once, where it is declared.
 *
 * @param members what all losses have, of which no option may take the name
 * @throws {OptionError} when something is misspelt, missing, or of another kind.
 */
export function expectSetup(setup: DeclaredLoss, members: readonly string[]): void {
  const { name, distance, reducer, options, labels, compares, terms } = setup
  const who = typeof name === 'string' && name !== '' ? name : 'metricLoss'
  const refuse = (wanted: string, got: unknown, fix: string) => new OptionError({ who, wanted, got: describeValue(got), fix })
  expectKnownOptions(who, setup, known)
  if (who !== name) throw refuse('a `name`', name, 'Name the loss as its class; errors and logs go by it.')
  if (distance !== 'none' && typeof distance !== 'function') throw refuse("`distance` to be a function or 'none'", distance, 'Pass one, such as `() => new LpDistance()`.')
  if (typeof reducer !== 'function') throw refuse('`reducer` to be a function', reducer, 'Pass one, such as `() => new MeanReducer()`.')
  if (typeof terms !== 'function') throw refuse('`terms`, the formula', terms, 'Pass a function of inputs and options.')
  if (labels !== undefined && typeof labels !== 'function') expectOneOf(who, 'labels', labels, policies)
  if (compares !== undefined) expectOneOf(who, 'compares', compares, compared)
  if (typeof options !== 'object' || options === null) throw refuse('`options`', options, 'Pass {} for a loss without options of its own.')
  for (const [option, declaration] of Object.entries(options)) {
    if (members.includes(option)) {
      throw new OptionError({ who, wanted: 'options with names of their own', got: `\`${option}\``, fix: 'It is a member of every loss; call the option otherwise.' })
    }
    const isDeclared = typeof (declaration as { check?: unknown } | undefined)?.check === 'function'
    if (!isDeclared) throw refuse(`\`options.${option}\` to be declared`, declaration, 'Declare it, such as `option.number({ default: 1 })`.')
  }
}

/**
 * Checks that no variable is both a parameter and a buffer, and that each is made by a function.
 *
 * @throws {OptionError} when one is not.
 */
export function expectVariables(who: string, parameters: object = {}, buffers: object = {}): void {
  const both = Object.keys(parameters).find((name) => name in buffers)
  if (both !== undefined) throw new OptionError({ who, wanted: 'parameters and buffers with names of their own', got: `\`${both}\` as both`, fix: 'Call one of them otherwise.' })
  for (const [name, make] of Object.entries({ ...parameters, ...buffers })) {
    if (make === undefined || typeof make === 'function') continue
    throw new OptionError({ who, wanted: `\`${name}\` to be a function that makes a tensor`, got: describeValue(make), fix: `Pass \`() => tensor\`.` })
  }
}

/**
 * Checks that a formula gave terms, and that each has a value for every anchor of the batch, or for every class that it names.
 * Terms in blocks were made by the functions for terms, and are taken as they are.
 *
 * @param anchors of the batch
 * @throws {OptionError} when it gave no terms.
 * @throws {ShapeError} when a term is of another shape than it says.
 */
export function expectTerms(who: string, terms: unknown, anchors: number): void {
  const entries = typeof terms === 'object' && terms !== null ? Object.entries(terms as Readonly<Record<string, LossTerm | undefined>>) : []
  const fix = 'Return terms by name, such as `{ loss: overPairs(…) }`, from a function that is not async.'
  if (entries.length === 0) throw new OptionError({ who, wanted: 'a formula that returns terms', got: describeValue(terms), fix })
  for (const [name, term] of entries) {
    if (typeof term !== 'object' || !(term.over in wantedRank)) throw new OptionError({ who, wanted: `\`${name}\` to be a term`, got: describeValue(term), fix })
    if (!term.blocks) expectTerm(who, name, term, anchors)
  }
}

const wantedRank = { element: 1, pair: 2, triplet: 3, reduced: 0 }

function expectTerm(who: string, name: string, { over, values, weights, classes }: LossTerm, anchors: number): void {
  const first = over === 'reduced' ? [] : [classes?.length ?? anchors]
  const [rank, shape] = [wantedRank[over], values.shape]
  const wanted = over === 'reduced' ? '[]' : `[${[...first, ...['…', '…'].slice(0, rank - 1)].join(', ')}]`
  const fits = shape.length === rank && (first.length === 0 || shape[0] === first[0])
  if (!fits) {
    const fix = over === 'element' ? 'Values that are not about anchors name their `classes`.' : 'Return a value for each of what the term is over.'
    throw new ShapeError({ who, wanted: `the term \`${name}\`, over ${over === 'reduced' ? 'the batch' : `${over}s`}, of shape ${wanted}`, got: `[${shape.join(', ')}]`, fix })
  }
  if (!weights || String(weights.shape) === String(shape)) return
  throw new ShapeError({ who, wanted: `weights of the term \`${name}\` of the shape of its values, [${shape.join(', ')}]`, got: `[${weights.shape.join(', ')}]`, fix: 'Say of each value how often it counts.' })
}
