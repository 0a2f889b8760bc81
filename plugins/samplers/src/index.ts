export * from './m-per-class-sampler.js'
