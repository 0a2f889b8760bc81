import * as tf from '@tensorflow/tfjs-core'
import type { Loss, LossTerms } from '@metric-learning/contracts'
import { CrossEntropyLoss } from '@metric-learning/losses'

/** Values of a loss over one number. */
export interface Curve {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

/** Curves in one picture. */
export interface Plot {
  /** What the horizontal axis is. */
  readonly over: string
  /** Where it is marked. Default: as the range suggests. */
  readonly ticks?: readonly number[]
  readonly curves: readonly Curve[]
  readonly caption: string
}

/** In what two embeddings are compared: the range that is drawn, and an embedding that is so far from {@link anchor}. */
export interface Measure {
  readonly over: string
  readonly from: number
  readonly to: number
  /** @param axis in the direction of which axis it lies, from 1 */
  at(x: number, axis: number): readonly number[]
}

/** Of a curve; a loss over classes gives as many values at once as one wants. */
const steps = 40
const stepsOverClasses = 90

/** How many classes there are, where a loss is over classes. */
export const classCount = 10

/** One axis for each class, and one for what is of none. */
export const embeddingSize = classCount + 1

const anchor = unit(0)

export const cosine: Measure = { over: 'cosine of the pair', from: -1, to: 1, at: turnedBy }

export const euclidean: Measure = { over: 'distance of the pair', from: 0, to: 2, at: (x, axis) => turnedBy(1 - x ** 2 / 2, axis) }

/** Of embeddings with mean 0 and norm 1, whose difference has x times their variance. */
export const noiseToSignal: Measure = { over: 'noise-to-signal ratio of the pair', from: 0, to: 2, at: (x) => centred(1 - x / 2) }

/** How a loss is asked for the value of a pair. */
export interface PairCurves {
  readonly measure: Measure
  /** Where the negative is while the positive moves. Default: there is none. */
  readonly negativeAt?: number
  /** Where the positive is while the negative moves. Default: there is none. */
  readonly positiveAt?: number
}

/** The loss of a positive and of a negative pair, over how far apart they are. */
export function pairCurves(loss: Loss, { measure, negativeAt, positiveAt }: PairCurves): readonly Curve[] {
  const of = (at: { positive?: number | undefined; negative?: number | undefined }) => valueOfPairs(loss, measure, at)
  return [
    curve('positive pair', measure, (x) => of({ positive: x, negative: negativeAt })),
    curve('negative pair', measure, (x) => of({ positive: positiveAt, negative: x })),
  ]
}

function valueOfPairs(loss: Loss, measure: Measure, at: { positive?: number | undefined; negative?: number | undefined }): number {
  const others = [
    ...(at.positive === undefined ? [] : [{ row: measure.at(at.positive, 1), label: 0 }]),
    ...(at.negative === undefined ? [] : [{ row: measure.at(at.negative, 2), label: 1 }]),
  ]
  const first = measure === noiseToSignal ? centred(1) : anchor
  const rows = others.map(({ row }) => row)
  const labels = others.map(({ label }) => label)
  return numberOf(() =>
    loss.takesReferences === false
      ? loss.compute(matrix([first, ...rows]), [0, ...labels])
      : loss.compute(matrix([first]), [0], { references: { refEmbeddings: matrix(rows), refLabels: labels } }),
  )
}

/** The loss of a triplet over how far the negative is, by the names of the losses. */
export function tripletCurves(losses: Readonly<Record<string, Loss>>, measure: Measure, positive: number): readonly Curve[] {
  return Object.entries(losses).map(([name, loss]) => curve(name, measure, (negative) => valueOfPairs(loss, measure, { positive, negative })))
}

/** The loss of the anchor of one class beside a pair of another, whose samples are in one place. */
export function pairOfClassesCurves(loss: Loss, { measure, negativeAt, positiveAt }: Required<PairCurves>): readonly Curve[] {
  const of = (positive: number, negative: number) => {
    const other = measure.at(negative, 2)
    return numberOf(() => termsOf(loss, matrix([anchor, measure.at(positive, 1), other, other]), [0, 0, 1, 1])['loss']!.values)
  }
  return [curve('positive pair', measure, (x) => of(x, negativeAt)), curve('negative pair', measure, (x) => of(positiveAt, x))]
}

/** The pull of an embedding to its own proxy, and the push from another, over cosines. */
export function proxyCurves(loss: Loss): readonly Curve[] {
  setVectors(loss, classCount)
  const ofTerm = (name: string, label: number) => (x: number) =>
    numberOf(() => termsOf(loss, matrix([cosine.at(x, classCount)]), [label])[name]!.values)
  return [curve('own proxy', cosine, ofTerm('posLoss', 0)), curve('another proxy', cosine, ofTerm('negLoss', 1))]
}

/** How a loss over classes is asked. */
export interface ClassCurves {
  /** Vectors of each class, which lie in one place. Default 1. */
  readonly vectorsPerClass?: number
  /** Norm of the embedding. Default 1. */
  readonly norm?: number
  /** What cosines are multiplied with in the softmax to compare with. Default: there is none. */
  readonly softmaxScale?: number
}

/** The loss of an embedding over its angle to the vector of its class; those of the other classes are at 90° from both. */
export function classCurves(loss: Loss, { vectorsPerClass = 1, norm = 1, softmaxScale }: ClassCurves): readonly Curve[] {
  setVectors(loss, classCount, vectorsPerClass)
  const xs = numbersBetween({ from: 0, to: 180 }, stepsOverClasses)
  const turned = (length: number) => xs.map((degrees) => turnedBy(Math.cos((degrees * Math.PI) / 180), classCount).map((value) => value * length))
  const logits = turned(softmaxScale ?? 1).map((row) => row.slice(0, classCount))
  return [
    { name: loss.name, points: pointsOf(xs, valuesOf(loss, turned(norm))) },
    ...(softmaxScale === undefined ? [] : [{ name: 'softmax', points: pointsOf(xs, valuesOf(new CrossEntropyLoss({ numClasses: classCount }), logits)) }]),
  ]
}

/** The loss of logits over how far the logit of the own class is above all others, by the names of the losses. */
export function logitCurves(losses: Readonly<Record<string, Loss>>): readonly Curve[] {
  const xs = numbersBetween({ from: -5, to: 10 }, stepsOverClasses)
  const logits = xs.map((x) => Array.from({ length: classCount }, (_, c) => (c === 0 ? x : 0)))
  return Object.entries(losses).map(([name, loss]) => ({ name, points: pointsOf(xs, valuesOf(loss, logits)) }))
}

/** The loss of each row, all of class 0. */
function valuesOf(loss: Loss, rows: readonly (readonly number[])[]): readonly number[] {
  const { values } = termsOf(loss, matrix(rows), rows.map(() => 0))['loss']!
  return values.size === rows.length ? [...values.dataSync()] : rows.map((row) => numberOf(() => loss.compute(matrix([row]), [0])))
}

interface Range {
  readonly from: number
  readonly to: number
}

const curve = (name: string, range: Range, valueAt: (x: number) => number): Curve => {
  const xs = numbersBetween(range)
  return { name, points: pointsOf(xs, xs.map(valueAt)) }
}

const numbersBetween = ({ from, to }: Range, count = steps): readonly number[] => Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count)

const pointsOf = (xs: readonly number[], ys: readonly number[]): Curve['points'] => xs.map((x, i) => ({ x: rounded(x), y: rounded(ys[i]!) }))

/** Makes the vectors of the classes the first axes, and its own the first. */
function setVectors(loss: Loss, count: number, perClass = 1): void {
  const [parameter] = loss.parameters.values() as Iterable<tf.Variable<tf.Rank.R2>>
  const rows = Array.from({ length: count }, (_, c) => Array.from({ length: perClass }, () => unit(c).slice(0, embeddingSize))).flat()
  const inColumns = parameter!.shape[0] === embeddingSize && parameter!.shape[1] === count * perClass
  tf.tidy(() => parameter!.assign(inColumns ? tf.transpose(matrix(rows)) : matrix(rows)))
}

function unit(axis: number): readonly number[] {
  return Array.from({ length: embeddingSize }, (_, i) => (i === axis ? 1 : 0))
}

/** With this cosine to the first axis, in the direction of another. */
function turnedBy(cosineOf: number, axis: number): readonly number[] {
  const rest = Math.sqrt(Math.max(0, 1 - cosineOf ** 2))
  return unit(0).map((value, i) => (i === axis ? rest : value * cosineOf))
}

/** With mean 0 and this cosine to such a one. */
function centred(cosineOf: number): readonly number[] {
  const rest = Math.sqrt(Math.max(0, 1 - cosineOf ** 2))
  return [cosineOf, -cosineOf, rest, -rest]
}

const matrix = (rows: readonly (readonly number[])[]): tf.Tensor2D => tf.tensor2d(rows.map((row) => [...row]))

const termsOf = (loss: Loss, embeddings: tf.Tensor2D, labels: readonly number[]): LossTerms =>
  (loss as Loss & { terms(embeddings: tf.Tensor2D, labels: readonly number[]): LossTerms }).terms(embeddings, labels)

/** The first of its values. */
const numberOf = (compute: () => tf.Tensor): number => tf.tidy(() => compute().dataSync()[0]!)

const rounded = (value: number): number => Number(value.toPrecision(5))
