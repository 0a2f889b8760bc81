export * from './avg-non-zero-reducer.js'
export * from './mean-reducer.js'
export * from './selection-reducer.js'
export * from './weighted-mean.js'
