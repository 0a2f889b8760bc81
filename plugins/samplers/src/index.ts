export { MPerClassSampler, type MPerClassSamplerOptions } from './m-per-class-sampler.js'
