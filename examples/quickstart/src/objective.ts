import { Adam, type Objective } from '@metric-learning/core'
import { ArcFaceLoss, TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import type { LossName } from './options.js'
import { RECIPE } from './recipe.js'
import { smallestScale } from './smallest-scale.js'

const arcFaceScale = (numClasses: number) => smallestScale(numClasses, RECIPE.arcFaceProbability)

/** How each side of the comparison is called and described. */
export const SIDES: Readonly<Record<LossName, { readonly title: string; describe(numClasses: number): string }>> = {
  triplet: { title: 'Triplet', describe: () => `TripletMarginLoss (margin ${RECIPE.tripletMargin}) with a MultiSimilarityMiner` },
  arcface: {
    title: 'ArcFace',
    describe: (numClasses) => `ArcFaceLoss (margin ${RECIPE.arcFaceMargin}°, scale ${arcFaceScale(numClasses).toFixed(1)})`,
  },
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
    loss: new ArcFaceLoss({ numClasses, embeddingSize, seed, margin: RECIPE.arcFaceMargin, scale: arcFaceScale(numClasses) }),
    optimizer: new Adam({ learningRate: RECIPE.arcFaceLearningRate }),
  }
}
