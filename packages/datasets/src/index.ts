export * from './images/image-dataset.js'
export * from './images/pixel-statistics.js'
export * from './quick-draw/quick-draw.js'
export * from './split-classes.js'
