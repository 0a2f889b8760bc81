export * from './batch-sampler.js'
export * from './batch.js'
export * from './dataset.js'
export * from './distance.js'
export * from './embeddings.js'
export { cannotWrite } from './errors/cannot-write.js'
export { describeValue } from './errors/describe-value.js'
export {
  checkThroughout,
  expectBoolean,
  expectFixedNumber,
  expectFunction,
  expectKnownOptions,
  expectMethods,
  expectNumber,
  expectOneOf,
  expectShape,
  expectText,
  type Extent,
  type NumberRange,
  type RestrictedNumber,
} from './errors/expectations.js'
export { inNameOf } from './errors/in-name-of.js'
export { isTensor } from './errors/is-tensor.js'
export {
  BackendError,
  DataError,
  isMetricLearningError,
  LabelError,
  MetricLearningError,
  OptionError,
  PluginError,
  ShapeError,
  StateError,
  type ErrorCode,
  type ErrorParts,
} from './errors/metric-learning-error.js'
export { NonFiniteError } from './errors/non-finite-error.js'
export type { JudgeObserver } from './judge-observer.js'
export { checkedLabels, labelColumn, type CheckedLabels } from './labels/checked-labels.js'
export { checkedRows, expectSameSamples } from './labels/checked-rows.js'
export { DistinctRows } from './labels/distinct-rows.js'
export { toLabelArray } from './labels/label-array.js'
export { labelChecksum } from './labels/label-checksum.js'
export { equalAtLevel, sharesLabel, type LabelComparison, type LabelRow } from './labels/label-comparison.js'
export {
  isLabelRelations,
  labelRelationsBrand,
  type DeviceReferenceLabels,
  type RelationBlocks,
  type LabelEquality,
  type LabelRelations,
  type Labels,
  type ReferenceLabels,
} from './labels/label-relations.js'
export { expectSameWidth, toLabelRows } from './labels/label-rows.js'
export { rowsByLabel } from './labels/rows-by-label.js'
export * from './loss.js'
export type { MetricDescription } from './metric-description.js'
export * from './miner.js'
export * from './module.js'
export * from './neighbour-index.js'
export * from './optimizer.js'
export { Random } from './random.js'
export * from './regularizer.js'
export * from './selection.js'
export { expectState, isStateful, type Plain, type State, type Stateful } from './stateful.js'
