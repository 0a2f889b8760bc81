export { FixedSetOfTriplets, type FixedSetOfTripletsOptions } from './fixed-set-of-triplets.js'
export { HierarchicalSampler, type HierarchicalSamplerOptions } from './hierarchical-sampler.js'
export { MPerClassSampler, type MPerClassSamplerOptions } from './m-per-class-sampler.js'
export { TuplesToWeightsSampler, type TuplesToWeightsSamplerOptions } from './tuples-to-weights-sampler.js'
