export { deepAdversarialMetricLearning, type DeepAdversarialMetricLearningOptions } from './deep-adversarial-metric-learning.js'
export { trainWithClassifier, type TrainWithClassifierParts } from './train-with-classifier.js'
export { twoViews } from './two-views.js'
