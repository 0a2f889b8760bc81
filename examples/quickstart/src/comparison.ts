import type { Dataset } from '@metric-learning/contracts'
import { checkedExperiment, type Experiment, type MethodConfiguration } from '@metric-learning/experiments'
import { batchesOf } from './batches.js'
import type { LossName, QuickstartOptions } from './options.js'
import { RECIPE } from './recipe.js'
import { smallestScale } from './smallest-scale.js'
import { trunkPart } from './trunk.js'

const arcFaceScale = (numClasses: number) => smallestScale(numClasses, RECIPE.arcFaceProbability)

/** How each side of the comparison is called and described. */
export const SIDES: Readonly<Record<LossName, { readonly title: string; describe(numClasses: number): string }>> = {
  triplet: { title: 'Triplet', describe: () => `TripletMarginLoss (margin ${RECIPE.tripletMargin}) with a MultiSimilarityMiner` },
  arcface: {
    title: 'ArcFace',
    describe: (numClasses) => `ArcFaceLoss (margin ${RECIPE.arcFaceMargin}°, scale ${arcFaceScale(numClasses).toFixed(1)})`,
  },
}

/** What each side minimises. */
const methods = (numClasses: number): Readonly<Record<LossName, MethodConfiguration>> => ({
  triplet: { objectives: [{ loss: { TripletMarginLoss: { margin: RECIPE.tripletMargin } }, miner: 'MultiSimilarityMiner' }] },
  arcface: {
    objectives: [
      {
        loss: { ArcFaceLoss: { margin: RECIPE.arcFaceMargin, scale: arcFaceScale(numClasses) } },
        optimizer: { Adam: { learningRate: RECIPE.arcFaceLearningRate } },
      },
    ],
  },
})

/**
 * The comparison as an experiment with a method a side. The data set is loaded already: of it this takes what batches and networks go by.
 *
 * @throws {OptionError} when batches as asked for can't be had.
 */
export async function comparisonOf(train: Dataset, options: QuickstartOptions): Promise<Experiment> {
  const { chunkSize, data, embeddingSize, epochs, imageSize, learningRate, losses, precision, weights } = options
  const adam = { Adam: { learningRate } }
  const sides = methods(train.classNames.length)
  return checkedExperiment(
    {
      name: 'quickstart',
      data: data === undefined ? 'quickDraw' : { imageFolder: { root: data, imageSize } },
      trunk: trunkPart(options, train.sampleShape),
      ...(weights !== undefined && { weights }),
      embedder: { Embedder: { embeddingSize } },
      sampler: { MPerClassSampler: batchesOf(train, options) },
      optimizers: { trunk: adam, embedder: adam },
      methods: Object.fromEntries(losses.map((loss) => [loss, sides[loss]])),
      epochs,
      precision,
      ...(chunkSize !== undefined && { chunkSize }),
    },
    { who: 'quickstart', folder: process.cwd() },
  )
}
