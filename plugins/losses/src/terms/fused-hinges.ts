import * as tf from '@tensorflow/tfjs-core'
import type { Block, Distance, LossTerm, LossTerms, ValuesAboveZero } from '@metric-learning/contracts'
import { FusedKernel, hasFusedKernel, isTaped, rowsOfBlock, sumsOfBlocks, withGradients, withoutGradient, type FormulaNumber } from '@metric-learning/ops'
import type { LossInputs } from '../base/loss-inputs.js'
import type { ContrastiveMargins } from './contrastive-terms.js'

/** What terms add up to, by their names; see {@link MetricLossSetup.fused}. */
export type FusedTerms = Readonly<Record<string, () => ValuesAboveZero>>

/**
 * What {@link contrastiveTerms} add up to, by a fused kernel, which forms no [n, m]: where the backend has one, for Euclidean distances and
 * products, of all pairs that labels allow, where these go by equality.
 */
export function fusedHinges(inputs: LossInputs, margins: ContrastiveMargins): FusedTerms | undefined {
  const { relations, distance } = inputs
  const measured = measureOf(distance)
  if (!measured || inputs.isSelected || !hasFusedKernel(FusedKernel.pairHinges)) return undefined
  const equality = relations.equality?.()
  if (!equality) return undefined
  let sums: { readonly of: tf.Tensor2D; readonly isTaped: boolean } | undefined
  const of = (kind: number) => (): ValuesAboveZero => {
    // An observer asks off the tape, and frees what it was given.
    if (!sums || sums.of.isDisposed || sums.isTaped !== isTaped()) {
      sums = { of: hingeSums(inputs, margins, { ...equality }, { ...measured, normalized: distance.normalizeEmbeddings }), isTaped: isTaped() }
    }
    const [sum, count] = tf.unstack(tf.reshape(tf.slice(sums.of, [kind, 0], [1, 2]), [2])) as [tf.Scalar, tf.Scalar]
    return { sum, count, all: () => pairCount(inputs, kind === 0 ? 'positives' : 'negatives') }
  }
  return { posLoss: of(0), negLoss: of(1) }
}

/** How many pairs of a kind there are, some anchors at a time: float32 []. */
function pairCount({ embeddings, references, relations }: LossInputs, kind: 'positives' | 'negatives'): tf.Scalar {
  return withoutGradient(() => {
    const { constants, whole, of } = relations.byBlocks()
    const count = (block: Block) => tf.stack([tf.sum(of(block)[kind]()), tf.scalar(0)]) as tf.Tensor1D
    return tf.reshape<tf.Rank.R0>(tf.slice(sumsOfBlocks({ rows: [embeddings], whole, constants }, rowsOfBlock(references.shape[0]), [count]), [0, 0], [1, 1]), [])
  })
}

/** float32 [2, 2]: costs, which are differentiable, and how many they are, of positive pairs and of negative ones. */
function hingeSums(
  { embeddings, references, relations }: LossInputs,
  { posMargin, negMargin }: ContrastiveMargins,
  equality: Readonly<Record<string, tf.Tensor1D | undefined>>,
  attributes: { readonly normalized: boolean; readonly byProduct: boolean },
): tf.Tensor2D {
  const [hasTape, isOneSet] = [isTaped(), relations.sameSet && references === embeddings]
  const constants = { labels: relations.queryLabelTensor, refLabels: relations.referenceLabelTensor, margins: withoutGradient(() => tf.stack([posMargin, negMargin].map(asTensor)) as tf.Tensor1D), ...equality }
  const named = Object.entries(constants).filter((entry): entry is [string, tf.Tensor1D] => entry[1] !== undefined)
  const run = (x: tf.Tensor, y: tf.Tensor, others: readonly tf.Tensor[], of: 'x' | 'y' | 'both' | 'none') => {
    const given = Object.fromEntries(named.map(([name], i) => [name, others[i]!]))
    return tf.engine().runKernel<tf.Tensor[]>(FusedKernel.pairHinges, { x, y, ...given }, { ...attributes, of }) as [tf.Tensor2D, tf.Tensor3D]
  }
  const tensors = named.map(([, tensor]) => tensor)
  return withGradients<tf.Tensor2D>(isOneSet ? [embeddings] : [embeddings, references], (save) => {
    const [value, gradients] = run(embeddings, references, tensors, !hasTape ? 'none' : isOneSet ? 'both' : 'x')
    save([gradients, embeddings, references, ...tensors])
    return {
      value,
      gradients(dy, [ofRows, x, y, ...others]) {
        const along = tf.reshape(tf.slice(dy, [0, 0], [2, 1]), [2, 1, 1])
        const weighed = (both: tf.Tensor) => tf.sum(tf.mul(both, along), 0)
        return [() => weighed(ofRows!), ...(isOneSet ? [] : [() => weighed(run(x!, y!, others, 'y')[1])])]
      },
    }
  })
}

const asTensor = (value: FormulaNumber): tf.Scalar => (typeof value === 'number' ? tf.scalar(value) : value)

/** How the kernel measures a distance; `undefined` of one that it does not know. */
function measureOf({ measure, p, power }: Distance): { readonly byProduct: boolean } | undefined {
  if (p !== 2 || power !== 1) return undefined
  if (measure === 'LpDistance') return { byProduct: false }
  return measure === 'CosineSimilarity' || measure === 'DotProductSimilarity' ? { byProduct: true } : undefined
}

const isGone = (term: LossTerm): boolean => {
  const { blocks } = term
  const tensors = blocks ? [...blocks.rows, ...(blocks.whole ?? []), ...(blocks.constants ?? [])] : [term.values, term.weights, term.divisor]
  return tensors.some((tensor) => tensor?.isDisposed)
}

/** Terms over pairs that are known by what they add up to, and formed where somebody asks for their values. */
export function summedTerms(sums: FusedTerms, form: () => LossTerms): LossTerms {
  let formed: LossTerms | undefined
  // Whoever asked first, such as an observer, may have freed what was formed with all that it computed itself.
  const termOf = (name: string) => (formed && !Object.values(formed).some(isGone) ? formed : (formed = form()))[name]!
  const entries = Object.entries(sums).map(([name, aboveZero]) => {
    const term = {
      over: 'pair' as const,
      get values() {
        return termOf(name).values
      },
      get weights() {
        return termOf(name).weights!
      },
      get blocks() {
        return termOf(name).blocks!
      },
    }
    return [name, Object.defineProperty(term, 'aboveZero', { value: aboveZero, enumerable: false })] as const
  })
  return Object.fromEntries(entries)
}
