export { accumulateGradients, type AccumulateGradientsOptions } from './accumulate-gradients.js'
export { clipGradients, type ClipGradientsOptions } from './clip-gradients.js'
