import * as tf from '@tensorflow/tfjs-core'
import type { Loss } from '@metric-learning/contracts'
import * as exported from '@metric-learning/losses'
import { CLASSES, EMBEDDING_SIZE } from './small-run.js'

type LossClass = new (options?: object) => Loss

const { ContrastiveLoss, CrossBatchMemory, MarginLoss, MultiSimilarityLoss, MultipleLosses, NTXentLoss, SelfSupervisedLoss, VICRegLoss } = exported
const classes = { numClasses: CLASSES, embeddingSize: EMBEDDING_SIZE }

/** How a loss is made that wants options, or that a trainer can't call as it is. All others are made without options. */
export const makers: Readonly<Record<string, () => Loss>> = {
  ArcFaceLoss: () => new exported.ArcFaceLoss(classes),
  CosFaceLoss: () => new exported.CosFaceLoss(classes),
  CrossEntropyLoss: () => ofLogits(new exported.CrossEntropyLoss({ numClasses: CLASSES })),
  CrossBatchMemory: () => new CrossBatchMemory({ loss: new ContrastiveLoss(), embeddingSize: EMBEDDING_SIZE, memorySize: 40 }),
  IntraPairVarianceLoss: () => new exported.IntraPairVarianceLoss({ posEps: 0, negEps: 0 }),
  LargeMarginSoftmaxLoss: () => new exported.LargeMarginSoftmaxLoss(classes),
  ManifoldLoss: () => new exported.ManifoldLoss({ l: EMBEDDING_SIZE, K: CLASSES }),
  MarginLoss: () => new MarginLoss({ learnBeta: true, numClasses: CLASSES }),
  MultipleLosses: () => new MultipleLosses({ losses: [new MultiSimilarityLoss(), new MarginLoss({ learnBeta: true })] }),
  NormalizedSoftmaxLoss: () => new exported.NormalizedSoftmaxLoss(classes),
  P2SGradLoss: () => new exported.P2SGradLoss({ descriptorsDim: EMBEDDING_SIZE, numClasses: CLASSES }),
  ProxyAnchorLoss: () => new exported.ProxyAnchorLoss(classes),
  ProxyNCALoss: () => new exported.ProxyNCALoss(classes),
  RankedListLoss: () => new exported.RankedListLoss({ margin: 0.4, Tn: 2 }),
  SelfSupervisedLoss: () => ofTwoViews(new SelfSupervisedLoss({ loss: new NTXentLoss() })),
  SoftTripleLoss: () => new exported.SoftTripleLoss({ ...classes, centersPerClass: 2 }),
  SphereFaceLoss: () => new exported.SphereFaceLoss(classes),
  SubCenterArcFaceLoss: () => new exported.SubCenterArcFaceLoss(classes),
  VICRegLoss: () => ofTwoViews(new VICRegLoss()),
}

/** Takes the second half of a batch for other views of the first. */
function ofTwoViews(loss: Loss): Loss {
  return {
    name: loss.name,
    parameters: loss.parameters,
    compute: (embeddings) => {
      const [views, refEmbeddings] = tf.split(embeddings, 2) as [tf.Tensor2D, tf.Tensor2D]
      return loss.compute(views, undefined, { references: { refEmbeddings } })
    },
  }
}

/** Takes embeddings for logits of the first classes; those of the others are 0. */
function ofLogits(loss: Loss): Loss {
  const { name, parameters } = loss
  return { name, parameters, compute: (embeddings, labels) => loss.compute(tf.pad(embeddings, [[0, 0], [0, CLASSES - EMBEDDING_SIZE]]), labels) }
}

const isLoss = (value: unknown): value is LossClass => typeof value === 'function' && 'compute' in ((value.prototype ?? {}) as object)
export const lossNames = Object.entries(exported).flatMap(([name, value]) => (isLoss(value) ? name : []))


/** A loss of a name, as a trainer of {@link CLASSES} classes can call it with embeddings. */
export const lossNamed = (name: string): Loss => makers[name]?.() ?? new (exported as unknown as Record<string, LossClass>)[name]!()
