import { Adam, type Objective } from '@metric-learning/core'
import { ArcFaceLoss, TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import type { LossName } from './options.js'
import { RECIPE } from './recipe.js'

/** How each side of the comparison is called and described. */
export const SIDES: Readonly<Record<LossName, { readonly title: string; readonly description: string }>> = {
  triplet: { title: 'Triplet', description: `TripletMarginLoss (margin ${RECIPE.tripletMargin}) with a MultiSimilarityMiner` },
  arcface: { title: 'ArcFace', description: 'ArcFaceLoss (margin 28.6°, scale 64)' },
}

export interface ObjectiveOptions {
  readonly numClasses: number
  readonly embeddingSize: number
  readonly seed: number
}

/** What one side of the comparison minimises. */
export function objectiveOf(loss: LossName, { numClasses, embeddingSize, seed }: ObjectiveOptions): Objective {
  if (loss === 'triplet') {
    return { loss: new TripletMarginLoss({ margin: RECIPE.tripletMargin }), miner: new MultiSimilarityMiner() }
  }
  return {
    loss: new ArcFaceLoss({ numClasses, embeddingSize, seed }),
    optimizer: new Adam({ learningRate: RECIPE.arcFaceLearningRate }),
  }
}
