export * from './deep-adversarial-metric-learning.js'
export * from './train-with-classifier.js'
export * from './two-views.js'
