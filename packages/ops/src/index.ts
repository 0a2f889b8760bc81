export { blockBytes, rowsOfBlock } from './blocks/block-bytes.js'
export { blockwise, sumsOfBlocks } from './blocks/blockwise.js'
export { mapRowBlocks, mapRowBlocksByName, valueBeside } from './blocks/map-row-blocks.js'
export { CompilableStep, type CompilableStepOptions, type CompileMode } from './compiled-steps/compilable-step.js'
export type { InPlaceRule, InPlaceUpdate } from './compiled-steps/in-place-update.js'
export { runEagerly, watchEagerly } from './compiled-steps/run-eagerly.js'
export {
  noteUpdate,
  PRECISIONS,
  STEP_COMPILER,
  stepCompiler,
  type CompiledStep,
  type CompileOptions,
  type Precision,
  type StepCompiler,
  type StepCompilerConfig,
  type StepFunction,
  type WatchedResults,
  type WatchedStepFunction,
} from './compiled-steps/step-compiler.js'
export { drawIntegers, drawnRange, drawPosition, expectDrawPosition, firstDrawPosition, nextDrawPosition, partOfDrawPosition, type Draws } from './device-draws.js'
export { expectBackend } from './expect-backend.js'
export { expectFinite } from './expect-finite.js'
export { expectNotDisposed } from './expect-not-disposed.js'
export { FusedKernel, hasFusedKernel, type FusedKernelName } from './fused-kernels.js'
export { isTaped } from './gradients/gradients-apart.js'
export { withGradients, type ValueWithGradients } from './gradients/with-gradients.js'
export { withoutGradient } from './gradients/without-gradient.js'
export { compareEmbeddings, expectEmbeddings, type Comparison } from './labels/compare-embeddings.js'
export type { ComparedLabels } from './labels/compared-labels.js'
export { comparedBy, expectTakesMiner, judge, type Choice, type Judge, type Judged } from './judge.js'
export { asRelations, relationsByComparison, relationsInColumn, relationsOf, relationsToDeviceLabels } from './labels/relations.js'
export { prefetch } from './loading/prefetch.js'
export { expectSamples, normalizeSamples, uploadSamples } from './loading/samples-to-tensor.js'
export {
  NATIVE_NEIGHBOURS,
  nativeNeighbours,
  type NativeAsked,
  type NativeNearest,
  type NativeNeighbours,
  type NativeNeighboursConfig,
  type NativeQueries,
  type NativeRanks,
  type NativeReferences,
} from './native-neighbours.js'
export { nestedState, restoreAll, restoreNested } from './nested-state.js'
export { bincount } from './numerics/bincount.js'
export { countUpTo } from './numerics/count-up-to.js'
export { identityMatrix } from './numerics/identity-matrix.js'
export { isAbove } from './numerics/is-above.js'
export { logOfZero, logSumExp, type LogSumExpOptions } from './numerics/log-sum-exp.js'
export { divNoNan, mulNoNan } from './numerics/no-nan.js'
export { relu } from './numerics/relu.js'
export { scalars } from './numerics/scalars.js'
export { meanOver, sumOver } from './numerics/sum-over.js'
export {
  expectDegrees,
  formulaValues,
  option,
  readOptions,
  type DeclaredOptions,
  type FormulaNumber,
  type FormulaValues,
  type GivenOptions,
  type Option,
  type OptionValues,
} from './option.js'
export { isOpaque, OPAQUE, reachableFields } from './reachable-fields.js'
export { isScheduled, Scheduled, tensorOf, type Schedulable } from './scheduled.js'
export { combineSelections } from './selections/combine-selections.js'
export { countSelected } from './selections/count-selected.js'
export { gatherColumns, toPairSelection, toTripletRule, toTripletSelection } from './selections/convert-selection.js'
export { drawTriplets, type NegativeWeights } from './selections/draw-triplets.js'
export { elementWeights } from './selections/element-weights.js'
export { expectSelection } from './selections/expect-selection.js'
export { isEmptySelection } from './selections/is-empty-selection.js'
export { joinPairs } from './selections/join-pairs.js'
export { mapPairs, pairsByRule, ruleOf, toPairRule } from './selections/pair-rules.js'
export { selectAllPairs, selectAllTriplets } from './selections/select-all.js'
export { indicesFromSelection, selectionFromIndices } from './selections/selection-indices.js'
export { subsampleSelection } from './selections/subsample-selection.js'
export { mapRule, weighPositives } from './selections/triplet-rules.js'
export { turnOfEventLoop } from './turn-of-event-loop.js'
export { assignByName, VariableSnapshot } from './variable-snapshot.js'
