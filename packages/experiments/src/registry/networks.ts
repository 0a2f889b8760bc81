import type { Module } from '@metric-learning/contracts'
import { metricLossOnly, type Scheme } from '@metric-learning/core'
import { ConvNet, EfficientNetLite0, Embedder, MLP, pretrainedTrunk, ResNet, ResNet101, ResNet18, ResNet34, ResNet50 } from '@metric-learning/models'
import { fineTuning, trainWithClassifier, twoViews } from '@metric-learning/schemes'

/** From images to features. */
export const TRUNKS = { ConvNet, EfficientNetLite0, pretrainedTrunk, ResNet, ResNet18, ResNet34, ResNet50, ResNet101 }

/** From features to embeddings. */
export const EMBEDDERS = { Embedder, MLP }

/** What a scheme is made of, beside its options. */
export interface SchemeParts {
  /** That of the experiment. */
  readonly trunk: Module
  /** That of the experiment. */
  readonly embedder?: Module
}

/** The same with a classifier. */
export interface ClassifierSchemeParts extends SchemeParts {
  /** From embeddings to logits, one a class, for an objective with `of: logits`. */
  readonly classifier: Module
}

/** What a step computes. Each is given trunk and embedder. */
export const SCHEMES = {
  metricLossOnly: (parts: SchemeParts): Scheme => metricLossOnly(parts),
  fineTuning: (parts: SchemeParts): Scheme => fineTuning(parts),
  trainWithClassifier: (parts: ClassifierSchemeParts): Scheme => trainWithClassifier(parts),
  twoViews: (parts: SchemeParts): Scheme => twoViews(parts),
}
