import * as tf from '@tensorflow/tfjs-core'
import {
  labelColumn,
  LabelError,
  OptionError,
  type Batch,
  type CheckedLabels,
  type Dataset,
  type LabelRelations,
  type Normalization,
} from '@metric-learning/contracts'
import { normalizeSamples, relationsInColumn, uploadSamples } from '@metric-learning/ops'
import { lossesWithin, type Objective } from '../schemes/objective.js'
import type { LoadedBatch } from './batch-loader.js'

/** Who is whose positive by one column, in the batch or between a batch and other views of it. */
interface RelationsKey {
  readonly column: string | undefined
  readonly against: boolean
}

/** What a step takes from labels: the relations that its objectives and taps ask for. */
export class LabelPlan {
  readonly #keys: readonly RelationsKey[]

  /** @throws {LabelError} when an objective names a column that the dataset lacks, or its loss does not know a label. */
  constructor(
    private readonly checked: CheckedLabels,
    objectives: ReadonlyMap<string, Objective>,
  ) {
    const wanted: RelationsKey[] = [{ column: undefined, against: false }]
    for (const [name, { loss, labels, against }] of objectives) {
      const column = labelColumn(`Objective "${name}"`, checked, labels)
      if (loss.labels === 'refused') continue
      if ('labels' in column) loss.checkLabels?.(column.labels)
      else {
        const ofOne = lossesWithin(loss).find(({ overClasses, checkLabels, remembersBatches }) => (overClasses ?? checkLabels !== undefined) || remembersBatches)
        if (ofOne) throw severalNumbers(name, ofOne.name, labels!)
      }
      wanted.push({ column: labels, against: against !== undefined })
    }
    this.#keys = [...new Map(wanted.map((key) => [keyOf(key), key])).values()]
  }

  /** Relations of the given rows, by {@link keyOf}; the caller disposes them. */
  relationsOf(rows: Int32Array): ReadonlyMap<string, LabelRelations> {
    return new Map(this.#keys.map((key) => [keyOf(key), relationsInColumn(labelColumn('Trainer', this.checked, key.column), rows, key.against)]))
  }
}

const severalNumbers = (objective: string, loss: string, column: string): LabelError =>
  new LabelError({
    who: `Objective "${objective}"`,
    wanted: `one class a sample, for ${loss}`,
    got: `the column "${column}", which has several numbers a sample`,
    fix: 'Name a column of plain labels, or take a loss over pairs or triplets.',
  })

const keyOf = ({ column = null, against }: { readonly column?: string | null | undefined; readonly against: boolean }): string => JSON.stringify([column, against])

/** A batch on the device: the inputs of a step. */
export class StepBatch {
  readonly rows: tf.Tensor1D
  readonly position: tf.Tensor1D
  readonly #uploaded: readonly tf.Tensor[]
  readonly #relations: ReadonlyMap<string, LabelRelations>

  /** Uploads all of it or, when something does not fit, nothing. */
  constructor({ rows, views, position }: LoadedBatch, labels: LabelPlan) {
    let [rowTensor, positionTensor, uploaded, relations]: [tf.Tensor1D?, tf.Tensor1D?, tf.Tensor[]?, ReadonlyMap<string, LabelRelations>?] = []
    tf.tidy(() => {
      rowTensor = tf.tensor1d(rows, 'int32')
      positionTensor = tf.tensor1d(position, 'int32')
      uploaded = views.map(uploadSamples)
      relations = labels.relationsOf(rows)
      for (const tensor of [rowTensor, positionTensor, ...uploaded, ...[...relations.values()].flatMap(({ tensors }) => tensors)]) tf.keep(tensor)
    })
    this.rows = rowTensor!
    this.position = positionTensor!
    this.#uploaded = uploaded!
    this.#relations = relations!
  }

  /** All tensors it holds. */
  get tensors(): readonly tf.Tensor[] {
    return [...this.#uploaded, this.rows, this.position, ...[...this.#relations.values()].flatMap(({ tensors }) => tensors)]
  }

  /** What shapes a step besides the shapes of {@link tensors}. */
  get facts(): string {
    return [...this.#relations.values()].map(({ hasPositives, hasNegatives, hasTriplets }) => `${hasPositives} ${hasNegatives} ${hasTriplets}`).join()
  }

  /** As a scheme sees it; inside the step. */
  inStep(normalization: Dataset['normalization']): StepView {
    return new StepView(this.#uploaded, this, this.#relations, normalization)
  }

  dispose(): void {
    tf.dispose([...this.#uploaded, this.rows, this.position])
    for (const relations of this.#relations.values()) relations.dispose()
  }
}

/** A batch as objectives see it: with its relations also to other views of it. */
export interface JudgedBatch extends Batch {
  relations(column?: string, against?: boolean): LabelRelations
}

/** A batch inside the step. */
export class StepView implements JudgedBatch {
  readonly rows: tf.Tensor1D
  readonly position: tf.Tensor1D
  readonly #views: readonly tf.Tensor[]

  constructor(
    uploaded: readonly tf.Tensor[],
    { rows, position }: Pick<StepBatch, 'rows' | 'position'>,
    private readonly known: ReadonlyMap<string, LabelRelations>,
    normalization: Normalization | undefined,
  ) {
    this.rows = rows
    this.position = position
    this.#views = uploaded.map((samples) => normalizeSamples(samples, normalization))
  }

  get views(): readonly tf.Tensor[] {
    return this.#views
  }

  get samples(): tf.Tensor {
    return this.views[0]!
  }

  /** @throws {OptionError} when no objective goes by that column, so that nothing was worked out of it. */
  relations(column?: string, against = false): LabelRelations {
    const relations = this.known.get(keyOf({ column, against }))
    if (relations) return relations
    throw new OptionError({
      who: 'Batch',
      wanted: 'the relations of a label column that an objective goes by',
      got: `"${column ?? 'labels'}"`,
      fix: 'Give an objective with `labels`, or take the default column.',
    })
  }
}
