import { Adam, AdamW, RMSprop, SGD } from '@metric-learning/core'
import { AccuracyCalculator, cmc, fnmrAtFmr, KMeans, knnClassifierAccuracy, nearestCentroidAccuracy, precisionAtK, recallAtK } from '@metric-learning/evaluation'
import { accumulateGradients, clipGradients, exponentialMovingAverage, stochasticWeightAveraging } from '@metric-learning/optimization'
import { embeddingPictures } from '@metric-learning/report'
import { FixedSetOfTriplets, MPerClassSampler } from '@metric-learning/samplers'
import {
  constant,
  cosine,
  cosineWarmRestarts,
  earlyStopping,
  exponential,
  freezing,
  linear,
  multiStep,
  onPlateau,
  oneCycle,
  polynomial,
  step,
  warmUp,
  type Shape,
  type WarmUpOptions,
} from '@metric-learning/schedules'
import { GlobalEmbeddingSpaceTester, WithSameParentLabelTester } from '@metric-learning/testers'

export const SAMPLERS = { FixedSetOfTriplets, MPerClassSampler }

export const OPTIMIZERS = { Adam, AdamW, RMSprop, SGD }

/** A warm-up, and what follows. */
export interface WarmUpParts extends WarmUpOptions {
  /** What follows after the warm-up. */
  readonly shape: Shape
}

/** Courses of learning rates. */
export const SHAPES = {
  constant,
  cosine,
  cosineWarmRestarts,
  exponential,
  linear,
  multiStep,
  onPlateau,
  oneCycle,
  polynomial,
  step,
  warmUp: ({ shape, ...options }: WarmUpParts): Shape => warmUp(shape, options),
}

/** What else taps a trainer. Recorders, checkpoints and logs are there in any case. */
export const PLUGINS = { accumulateGradients, clipGradients, earlyStopping, embeddingPictures, exponentialMovingAverage, freezing, stochasticWeightAveraging }

export const TESTERS = { GlobalEmbeddingSpaceTester, WithSameParentLabelTester }

export const ACCURACY_CALCULATORS = { AccuracyCalculator }

/** Metrics beside the seven. Where one takes a number, that is what stands in place of options: `{ recallAtK: 10 }`. */
export const METRICS = { cmc, fnmrAtFmr, knnClassifierAccuracy, nearestCentroidAccuracy, precisionAtK, recallAtK }

export const CLUSTERINGS = { KMeans }
