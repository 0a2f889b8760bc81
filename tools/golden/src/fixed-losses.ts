import { allPairs } from './all-pairs.js'
import { goldenNumber, isGoldenObject, type GoldenCase, type GoldenTensor } from './golden-case.js'
import { goldenRows } from './golden-rows.js'
import {
  liftedStructureAgainstReferences,
  manifoldContext,
  onOnePairEach,
  smoothAveragePrecision,
  thresholdConsistentMargin,
  type Argument,
  type OracleInputs,
} from './loss-oracles.js'

/** The unreduced values of a loss, row by row of their anchors, and how often each counts. */
export interface UnreducedLoss {
  readonly values: readonly number[][]
  readonly weights: readonly number[][]
}

/** A case in which PyTorch Metric Learning is wrong: why, and the right value, from plain formulas in double precision. */
export interface FixedCase {
  readonly why: string
  /** Whether the value is a formula of the embeddings, so that its differences are the right gradient. */
  readonly isFormula: boolean
  readonly value: (inputs: OracleInputs, unreduced: () => UnreducedLoss) => number
}

interface Rule {
  readonly applies: (of: GoldenCase) => boolean
  readonly why: string
  readonly isFormula?: (of: GoldenCase) => boolean
  readonly value: (of: GoldenCase, inputs: OracleInputs, unreduced: () => UnreducedLoss) => number
}

const rules: readonly Rule[] = [
  {
    applies: (of) => of.tags.includes('one_positive_one_negative_pair') && of.class! in onOnePairEach,
    why: 'PyTorch Metric Learning gives 0 when no index vector is longer than one',
    isFormula: (of) => of.class !== 'CircleLoss', // its weights count as constants
    value: (of, inputs) => {
      const [anchor1, positive, anchor2, negative] = (of.inputs.indices_tuple as number[][]).map((vector) => vector[0]!)
      return onOnePairEach[of.class!]!(inputs, { anchor1: anchor1!, positive: positive!, anchor2: anchor2!, negative: negative! }, argumentOf(of))
    },
  },
  {
    applies: ({ tags, args }) => tags.includes('quirk') && isGoldenObject(args.reducer) && args.reducer.class === 'ClassWeightedReducer',
    why: 'PyTorch Metric Learning multiplies [n, 1] losses with [n] weights to a matrix',
    isFormula: () => false,
    value: (of, _inputs, unreduced) => classWeighted(of, unreduced()),
  },
  {
    applies: (of) => of.class === 'LiftedStructureLoss' && of.tags.includes('ref'),
    why: 'PyTorch Metric Learning compares row numbers of queries with row numbers of references',
    value: (of, inputs) => liftedStructureAgainstReferences(inputs, pairsOf(of), argumentOf(of)),
  },
  {
    applies: (of) => of.class === 'ManifoldLoss' && of.tags.includes('nonfinite'),
    why: 'PyTorch Metric Learning multiplies the context loss by infinity instead of leaving it alone',
    value: (of, rows) => {
      const { proxies } = of.inputs.weights as Record<string, GoldenTensor>
      return manifoldContext(rows, goldenRows(proxies!), of.inputs.indices_tuple as number[], argumentOf(of))
    },
  },
  {
    applies: (of) => of.class === 'NCALoss' && of.tags.includes('nonfinite'),
    why: 'PyTorch Metric Learning gives NaN when no embedding has a positive',
    value: () => 0,
  },
  {
    applies: (of) => of.class === 'SmoothAPLoss' && of.tags.includes('quirk'),
    why: 'PyTorch Metric Learning takes the number of classes for the number of samples of a class',
    value: (of, inputs) => smoothAveragePrecision(inputs, of.inputs.labels as number[], of.args.temperature as number | undefined),
  },
  {
    applies: (of) => of.class === 'ThresholdConsistentMarginLoss' && of.tags.includes('ref'),
    why: 'PyTorch Metric Learning ignores the reference embeddings',
    value: (of, inputs) => thresholdConsistentMargin(inputs, of.inputs.labels as number[], of.inputs.ref_labels as number[], argumentOf(of)),
  },
]

/**
 * What is right where PyTorch Metric Learning is wrong; `undefined` for all other cases. Goes by class and tags,
 * so that it holds for other sets of fixtures.
 */
export function fixedLossCase(of: GoldenCase): FixedCase | undefined {
  const rule = rules.find(({ applies }) => applies(of))
  return rule && { why: rule.why, isFormula: rule.isFormula?.(of) ?? true, value: (inputs, unreduced) => rule.value(of, inputs, unreduced) }
}

const argumentOf = ({ args }: GoldenCase): Argument => (name, fallback) => goldenNumber(args[name] ?? fallback)

/** Embeddings and references of a case as rows. */
export function oracleInputs({ inputs }: GoldenCase): OracleInputs {
  const x = goldenRows(inputs.embeddings as GoldenTensor)
  return { x, y: inputs.ref_emb ? goldenRows(inputs.ref_emb as GoldenTensor) : x }
}

/** The index tuple of a case as pairs; without one all pairs between two sets. */
function pairsOf({ inputs }: GoldenCase): number[][] {
  const tuple = inputs.indices_tuple as number[][] | undefined
  if (tuple) return tuple.length === 4 ? tuple : [tuple[0]!, tuple[1]!, tuple[0]!, tuple[2]!]
  const { anchor1, positive, anchor2, negative } = allPairs(inputs.labels as number[], inputs.ref_labels as number[])
  return [anchor1, positive, anchor2, negative]
}

/** The mean of losses, each multiplied with the weight of its anchor's class. */
function classWeighted({ args, inputs }: GoldenCase, { values, weights }: UnreducedLoss): number {
  const labels = inputs.labels as number[]
  const { tensor } = (args.reducer as { args: { weights: { tensor: number[] } } }).args.weights
  const counts = weights.flat()
  const weighted = values.flatMap((row, i) => row.map((value) => value * tensor[labels[i]!]!))
  return weighted.reduce((total, value, i) => total + value * counts[i]!, 0) / counts.reduce((total, count) => total + count, 0)
}
