import type { Module } from '@metric-learning/contracts'
import { metricLossOnly, type Scheme } from '@metric-learning/core'
import { ConvNet, Embedder, loadModule, MLP, ResNet, ResNet18, ResNet50 } from '@metric-learning/models'
import { fineTuning, trainWithClassifier, twoViews } from '@metric-learning/schemes'

/** From images to features. */
export const TRUNKS = { ConvNet, ResNet, ResNet18, ResNet50 }

/** From features to embeddings. */
export const EMBEDDERS = { Embedder, MLP }

/** What a scheme is made of, beside its options. */
export interface SchemeParts {
  readonly trunk: Module
  readonly embedder?: Module
}

/** What a step computes. Each is given trunk and embedder. */
export const SCHEMES = {
  metricLossOnly: (parts: SchemeParts): Scheme => metricLossOnly(parts),
  fineTuning: (parts: SchemeParts): Scheme => fineTuning(parts),
  trainWithClassifier: (parts: SchemeParts & { /** From embeddings to logits, one a class, for an objective with `of: logits`. */ readonly classifier: Module }): Scheme => trainWithClassifier(parts),
  twoViews: (parts: SchemeParts): Scheme => twoViews(parts),
}

/**
 * Weights of a file into a trunk: of torchvision (its classifier, `fc.`, is passed over), or a trunk saved here.
 *
 * @throws {DataError} when the file can't be read. @throws {StateError} when its weights are those of another trunk.
 */
export async function loadWeights(trunk: Module, file: string): Promise<void> {
  await loadModule(trunk, file, { ignore: ['fc.'] })
}
