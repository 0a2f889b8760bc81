import type { Loss } from '@metric-learning/contracts'
import {
  classCurves,
  cosine,
  embeddingSize,
  euclidean,
  logitCurves,
  noiseToSignal,
  pairCurves,
  pairOfClassesCurves,
  proxyCurves,
  classCount,
  tripletCurves,
  type ClassCurves,
  type PairCurves,
  type Plot,
} from './curves.js'
import type { DocumentedLoss } from './losses.js'

/** The curves of a loss; `undefined` for losses of whole batches, views or graphs, which have none. */
export function plotOf(loss: DocumentedLoss): Plot | undefined {
  const sizes = Object.entries({ numClasses: classCount, embeddingSize, descriptorsDim: embeddingSize }).filter(([name]) => name in loss.required)
  return plots[loss.name]?.((options) => loss.make({ ...Object.fromEntries(sizes), ...options }))
}

type Make = (options?: Readonly<Record<string, unknown>>) => Loss

/** Of pairs: where the other pair of the anchor is kept is said in the caption. */
const ofPairs =
  (pairs: PairCurves, options: Readonly<Record<string, unknown>> = {}) =>
  (make: Make): Plot => ({ over: pairs.measure.over, curves: pairCurves(make(options), pairs), caption: pairCaption(pairs, options) })

function pairCaption({ negativeAt, positiveAt, measure }: PairCurves, options: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(options).map(([name, value]) => `\`${name}\` ${String(value)}`)
  const withOptions = given.length > 0 ? `, with ${given.join(' and ')}` : ''
  if (negativeAt === undefined || positiveAt === undefined) return `The loss of an anchor with one pair${withOptions}.`
  const at = measure === cosine ? 'at the cosine' : 'at the distance'
  return `The loss of an anchor with one positive and one negative: over the positive beside a negative ${at} ${negativeAt}, over the negative beside a positive ${at} ${positiveAt}${withOptions}.`
}

const ofClasses =
  (classes: ClassCurves, caption: string, options: Readonly<Record<string, unknown>> = {}) =>
  (make: Make): Plot => ({
    over: 'angle to the vector of the own class, in degrees',
    ticks: [0, 30, 60, 90, 120, 150, 180],
    curves: classCurves(make(options), classes),
    caption: `The loss of an embedding among ten classes, the vectors of the others at 90° from it and from that of its own${caption}.`,
  })

const besideSoftmax = (scale: number): string => `, beside softmax over ${scale === 1 ? 'cosines' : `${scale} times the cosines`}`

const halfway = { measure: cosine, negativeAt: 0.5, positiveAt: 0.5 }

const plots: Readonly<Record<string, (make: Make) => Plot>> = {
  AngularLoss: (make) => ({
    over: 'distance of anchor and negative',
    curves: tripletCurves({ 'alpha 40': make(), 'alpha 50': make({ alpha: 50 }) }, euclidean, 0.5),
    caption: 'The loss of a triplet whose positive is at the distance 0.5; the negative moves away at a right angle to it.',
  }),
  ArcFaceLoss: ofClasses({ softmaxScale: 64 }, besideSoftmax(64)),
  CircleLoss: ofPairs({ measure: cosine, negativeAt: 0.4, positiveAt: 0.6 }),
  ContrastiveLoss: ofPairs({ measure: euclidean }),
  CosFaceLoss: ofClasses({ softmaxScale: 64 }, besideSoftmax(64)),
  CrossEntropyLoss: (make) => ({
    over: 'logit of the own class, above those of the others',
    curves: logitCurves({ 'labelSmoothing 0': make(), 'labelSmoothing 0.1': make({ labelSmoothing: 0.1 }) }),
    caption: 'The loss of a sample among ten classes, of which the others have equal logits.',
  }),
  GeneralizedLiftedStructureLoss: ofPairs({ measure: euclidean, negativeAt: 1, positiveAt: 0.5 }),
  LargeMarginSoftmaxLoss: ofClasses({ norm: 10, softmaxScale: 10 }, `${besideSoftmax(10)}; the embedding has norm 10, the vectors norm 1`),
  LiftedStructureLoss: ofPairs({ measure: euclidean, negativeAt: 1, positiveAt: 0.5 }),
  MarginLoss: ofPairs({ measure: euclidean, negativeAt: 2, positiveAt: 0 }),
  MultiSimilarityLoss: ofPairs({ measure: cosine }),
  NCALoss: ofPairs({ measure: euclidean, negativeAt: 1, positiveAt: 0.5 }),
  NormalizedSoftmaxLoss: ofClasses({ softmaxScale: 1 }, besideSoftmax(1)),
  NPairsLoss: (make) => ({ over: cosine.over, curves: pairOfClassesCurves(make(), halfway), caption: pairCaption(halfway, {}) }),
  NTXentLoss: ofPairs(halfway),
  P2SGradLoss: ofClasses({ softmaxScale: 1 }, besideSoftmax(1)),
  ProxyAnchorLoss: (make) => ({
    over: 'cosine of embedding and proxy',
    curves: proxyCurves(make()),
    caption: 'What one embedding adds at its own proxy and at another.',
  }),
  ProxyNCALoss: ofClasses({ softmaxScale: 1 }, besideSoftmax(1)),
  // Embeddings in one place do not count.
  RankedListLoss: ofPairs({ measure: { ...euclidean, from: 0.01 } }, { margin: 0.4, Tn: 10 }),
  SignalToNoiseRatioContrastiveLoss: ofPairs({ measure: noiseToSignal }),
  SoftTripleLoss: ofClasses({ vectorsPerClass: 10, softmaxScale: 20 }, `${besideSoftmax(20)}; all centres of a class are in one place`),
  SphereFaceLoss: ofClasses({ norm: 10, softmaxScale: 10 }, `${besideSoftmax(10)}; the embedding has norm 10`),
  SubCenterArcFaceLoss: ofClasses({ vectorsPerClass: 3, softmaxScale: 64 }, `${besideSoftmax(64)}; all centres of a class are in one place`),
  SupConLoss: ofPairs(halfway),
  ThresholdConsistentMarginLoss: ofPairs({ measure: cosine }),
  TripletMarginLoss: (make) => ({
    over: 'distance of anchor and negative',
    curves: tripletCurves({ 'margin 0.05': make(), 'margin 0.05, smoothLoss': make({ smoothLoss: true }) }, euclidean, 0.5),
    caption: 'The loss of a triplet whose positive is at the distance 0.5.',
  }),
  TupletMarginLoss: ofPairs(halfway),
}
