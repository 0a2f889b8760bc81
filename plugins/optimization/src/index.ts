export { accumulateGradients, type AccumulateGradientsOptions } from './accumulate-gradients.js'
export { clipGradients, type ClipGradientsOptions } from './clip-gradients.js'
export { exponentialMovingAverage, type ExponentialMovingAverageOptions } from './exponential-moving-average.js'
export { stochasticWeightAveraging, type StochasticWeightAveragingOptions } from './stochastic-weight-averaging.js'
