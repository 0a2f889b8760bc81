import * as tf from '@tensorflow/tfjs-core'
import {
  describeValue,
  expectShape,
  isMetricLearningError,
  isTensor,
  OptionError,
  PluginError,
  ShapeError,
  StateError,
  type Batch,
  type CallMode,
  type ComputeOptions,
  type LabelRelations,
  type Selection,
  type SelectionIndices,
} from '@metric-learning/contracts'
import { comparedBy, expectFinite, judge, tensorOf, type Judge, type Schedulable } from '@metric-learning/ops'
import type { JudgedBatch } from '../batches/step-batch.js'
import type { HookSet } from '../hooks/hook-set.js'
import { expectSizes } from '../plan/expect-judgeable.js'
import type { ObservedJudges } from '../plan/observed-judges.js'
import type { PlannedUpdate } from '../plan/training-plan.js'
import { objectiveName, outputNames, type Objective } from '../schemes/objective.js'
import type { Outputs } from '../schemes/scheme.js'
import type { StepWatch } from './step-watch.js'

/** Loss terms by name, weighted. */
export type LossTermsByName = ReadonlyMap<string, tf.Scalar>

/**
 * What an update minimises: the scheme's outputs, judged by its objectives and by whoever taps `hooks.loss`. Inside the step.
 *
 * @throws {OptionError} when an objective judges an output that is not there.
 * @throws {PluginError} when two terms have one name.
 * @throws {StateError} when there is none.
 */
export const lossTerms = (update: PlannedUpdate, batch: JudgedBatch, hooks: HookSet, watch?: StepWatch): LossTermsByName =>
  termsOf(update, outputsOf(update, batch), batch, hooks, watch)

/**
 * What the scheme makes of a batch, or of a part of one.
 *
 * @throws {OptionError} when that is no tensors by name.
 */
export const outputsOf = (update: PlannedUpdate, batch: Batch, mode: CallMode = { training: true }): Outputs =>
  expectOutputs(update, namingPart(`Scheme, forward of update "${update.name}"`, () => update.forward(batch, mode), forwardHint))

/**
 * Those of the outputs that somebody judges: the objectives, and whoever taps `hooks.loss`, who sees all.
 *
 * @throws {OptionError} when an objective judges one that is not there.
 */
export function judgedOutputs({ objectives }: PlannedUpdate, outputs: Outputs, hooks: HookSet): Outputs {
  const judged = objectives.flatMap((objective) => {
    const { of, against, mineOn } = outputNames(objective)
    const names = { of, against, 'mineOn.of': mineOn?.of, 'mineOn.against': mineOn?.against }
    return Object.entries(names).flatMap(([field, name]) => (name === undefined ? [] : [[name, outputNamed(objectiveName(objective), field, name, outputs)] as const]))
  })
  return hooks.loss.taps.length > 0 ? outputs : Object.fromEntries(judged)
}

/** What the outputs of a scheme are judged to be; see {@link lossTerms}. */
export function termsOf(update: PlannedUpdate, outputs: Outputs, batch: JudgedBatch, hooks: HookSet, watch?: StepWatch): LossTermsByName {
  const terms = judgedTerms(update, outputs, batch, hooks, watch)
  hooks.loss.call({
    update: update.name,
    batch,
    outputs,
    embeddings: (outputs['embeddings'] ?? Object.values(outputs)[0]) as tf.Tensor2D,
    relations: batch.relations(),
    add: (name, value, weight) => {
      addTerm(terms, name, value, weight)
    },
  })
  if (terms.size === 0) throw noTerms()
  return terms
}

/** The terms of the objectives of an update alone. */
export function judgedTerms(update: PlannedUpdate, outputs: Outputs, batch: JudgedBatch, hooks: HookSet, watch?: StepWatch): Map<string, tf.Scalar> {
  const terms = new Map<string, tf.Scalar>()
  const selected = new Map<string, Selection | SelectionIndices>()
  for (const objective of update.objectives) {
    const value = inNameOfObjective(objective, () => judged(objective, outputs, batch, { hooks, judges: update.judges, selected, watch }))
    addTerm(terms, objectiveName(objective), value, objective.weight)
  }
  return terms
}

/** @throws {PluginError} when there is a term of that name. */
function addTerm(terms: Map<string, tf.Scalar>, name: string, value: tf.Scalar, weight: Schedulable = 1): void {
  if (terms.has(name)) throw termTwice(name)
  expectTerm(name, value)
  const weighted = weight === 1 ? value : tf.mul<tf.Scalar>(value, tensorOf(weight))
  expectFinite(`Loss term "${name}"`, 'value', weighted)
  terms.set(name, weighted)
}

/**
 * The terms of several updates.
 *
 * @throws {PluginError} when two have one name.
 */
export function joinedTerms(ofUpdates: readonly LossTermsByName[]): LossTermsByName {
  const all = new Map<string, tf.Scalar>()
  for (const [name, term] of ofUpdates.flatMap((terms) => [...terms])) {
    if (all.has(name)) throw termTwice(name)
    all.set(name, term)
  }
  return all
}

/** @throws {ShapeError} when it is no number on the device. */
function expectTerm(name: string, value: tf.Scalar): void {
  const who = `Loss term "${name}"`
  expectShape(who, 'value', value, [])
  if ((value as tf.Tensor).dtype === 'float32') return
  throw new ShapeError({ who, wanted: '`value` of type float32', got: (value as tf.Tensor).dtype, fix: "Pass `tf.cast(value, 'float32')`." })
}

/** @throws {OptionError} when they are no tensors by name. */
function expectOutputs({ name, outputs: sizes }: PlannedUpdate, outputs: Outputs): Outputs {
  const given = outputs as unknown
  const isRecord = typeof given === 'object' && given !== null && !isTensor(given) && !('then' in given)
  const fault = isRecord ? Object.entries(given).find(([, output]) => !isTensor(output) || output.isDisposed) : undefined
  if (isRecord && fault === undefined && Object.keys(given).length > 0) {
    expectSizes(name, sizes, outputs)
    return outputs
  }
  throw new OptionError({
    who: `Scheme, forward of update "${name}"`,
    wanted: 'tensors by name, such as `{ embeddings }`',
    got: fault ? `${isTensor(fault[1]) ? 'a tensor that was disposed' : describeValue(fault[1])} as ${fault[0]}` : describeValue(given),
    fix: 'Return an object of tensors, at once and not as a promise; a `tf.tidy` around them returns them, too.',
  })
}

/** What objectives of an update share. */
interface Judging {
  readonly hooks: HookSet
  readonly judges: ObservedJudges
  /** What was selected for those that are judged already, by their names. */
  readonly selected: Map<string, Selection | SelectionIndices>
  /** Where the step is looked at. */
  readonly watch: StepWatch | undefined
}

function judged(objective: Objective, outputs: Outputs, batch: JudgedBatch, { hooks, judges, selected, watch }: Judging): tf.Scalar {
  const { loss, miner, labels, mineAmong } = objective
  const among = mineAmong === undefined ? undefined : selected.get(mineAmong)
  const name = objectiveName(objective)
  const { mineOn, ...ofLoss } = outputNames(objective)
  const compared = ({ of, against }: Pick<typeof ofLoss, 'of' | 'against'>, within = '') => ({
    embeddings: outputNamed(name, `${within}of`, of, outputs),
    ...(against !== undefined && { references: { refEmbeddings: outputNamed(name, `${within}against`, against, outputs) } }),
  })
  const given = { ...compared(ofLoss), position: batch.position, observer: judges.observer(name, watch) }
  const named: Judge = {
    loss: { compares: comparedBy(loss), ...(loss.nested && { nested: loss.nested }), compute: (...of) => namingPart(`Objective "${name}", loss`, () => loss.compute(...of)) },
    miner: miner && {
      name: miner.name,
      mine: (x, y, options) =>
        namingPart(`Objective "${name}", miner`, () => sayingMineOn(mineOn, () => miner.mine(x, y, { ...options, ...(among && { among }) }))),
    },
  }
  const relations = loss.labels === 'refused' ? undefined : batch.relations(labels, ofLoss.against !== undefined)
  const mining = mineOn && compared(mineOn, 'mineOn.')
  if (relations) for (const one of mining ? [given, mining] : [given]) expectRows(name, one, relations)
  watch?.judged({ of: ofLoss.of, embeddings: given.embeddings, references: given.references?.refEmbeddings ?? given.embeddings, relations })
  if (!relations) return judge(named, { ...given, labels: undefined })
  const { embeddings, references } = mining ?? given
  return judge(named, { ...given, labels: relations, mining }, (mined) => {
    const { selection } = hooks.mine.call({ objective: name, embeddings, refEmbeddings: references?.refEmbeddings, relations, selection: mined })
    if (selection) selected.set(name, selection)
    return selection
  })
}

/** Row i of what goes by labels is sample i: @throws {ShapeError} where there are more of them, or fewer. */
function expectRows(objective: string, { embeddings, references }: Pick<ComputeOptions, 'references'> & { readonly embeddings: tf.Tensor }, { queryCount, referenceCount }: LabelRelations): void {
  const sides = [[embeddings, queryCount], [references?.refEmbeddings, referenceCount]] as const
  const fault = sides.find(([output, count]) => output && output.shape[0] !== count)
  if (!fault) return
  throw new ShapeError({
    who: `Objective "${objective}"`,
    wanted: `an output with a row for each of the ${fault[1]} samples of the batch, whose labels it goes by`,
    got: `[${fault[0]!.shape.join(', ')}]`,
    fix: 'Have the scheme compute it of all samples, in the order of the batch; what has other rows is for a loss with `labels: \'refused\'`.',
  })
}

/** An error of a miner that looks at other outputs says at which: `embeddings` are others than those of the loss. */
function sayingMineOn<T>(mineOn: ReturnType<typeof outputNames>['mineOn'], work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!mineOn || !isMetricLearningError(error) || error.parts.where !== undefined) throw error
    throw error.in(`mineOn, output "${mineOn.of}"${mineOn.against === undefined ? '' : ` against "${mineOn.against}"`}`)
  }
}

const forwardHint = 'A module is called by `call(inputs, mode)`; a batch has `samples`, `views`, `rows` and `relations()`. '

/** What a scheme, a loss or a miner throws names it; an error of this library says already what is wrong. */
function namingPart<T>(who: string, work: () => T, hint = ''): T {
  try {
    return work()
  } catch (error) {
    if (isMetricLearningError(error)) throw error
    const got = error instanceof Error ? error.message : String(error)
    throw new PluginError({ who, wanted: 'to finish', got, fix: `${error instanceof TypeError ? hint : ''}See the cause for the stack.`, cause: error })
  }
}

/** @param field of the objective, which names it */
function outputNamed(objective: string, field: string, name: string, outputs: Outputs): tf.Tensor2D {
  const output = outputs[name]
  if (output) return output as tf.Tensor2D
  throw new OptionError({
    who: `Objective "${objective}"`,
    wanted: `an output out of ${Object.keys(outputs).join(', ')}`,
    got: `"${name}"`,
    fix: `Correct \`${field}\`, or have the scheme compute it.`,
  })
}

/** An error says which objective it came up in, where that has a name other than its loss's. */
function inNameOfObjective<T>({ name }: Objective, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const isNameless = name === undefined || !isMetricLearningError(error) || error.parts.where !== undefined
    throw isNameless ? error : error.in(`objective "${name}"`)
  }
}

const termTwice = (name: string): PluginError =>
  new PluginError({
    who: 'Trainer',
    wanted: 'loss terms with names of their own',
    got: `"${name}" twice`,
    fix: 'Give each objective a `name`.',
  })

const noTerms = (): StateError =>
  new StateError({
    who: 'Trainer',
    wanted: 'at least one loss term',
    got: 'none',
    fix: 'Pass `objectives`, or a plugin that adds a term in hooks.loss.',
  })
