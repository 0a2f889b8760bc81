import * as tf from '@tensorflow/tfjs-core'
import { labelRelationsBrand, type LabelRelations } from '@metric-learning/contracts'
import { identityMatrix } from '../numerics/identity-matrix.js'

/** What relations hold; the tensors become the property of {@link HeldRelations}. */
export interface RelationParts
  extends Pick<
    LabelRelations,
    | 'queryLabels'
    | 'referenceLabels'
    | 'referenceCount'
    | 'sameSet'
    | 'hasPositives'
    | 'hasNegatives'
    | 'queryLabelTensor'
    | 'referenceLabelTensor'
    | 'positiveIndex'
    | 'positiveIndexMask'
  > {
  /** Of references of which some are empty: 1 where a row holds a reference, float32 [m]. */
  readonly isFilled?: tf.Tensor1D
  /** 1 where query and reference agree, when that is more than equal numbers: float32 [n, m]. */
  readonly agrees?: tf.Tensor2D
}

/** Relations that are worked out: what follows from the parts is computed on the device when it is asked for. */
export class HeldRelations implements LabelRelations {
  readonly [labelRelationsBrand] = true
  readonly queryCount: number
  readonly referenceCount: number
  readonly maxPositives: number
  readonly hasPositives: boolean
  readonly hasNegatives: boolean
  readonly byComparison: boolean
  readonly queryLabels: Int32Array
  readonly referenceLabels: Int32Array
  readonly sameSet: boolean

  readonly queryLabelTensor: tf.Tensor1D
  readonly referenceLabelTensor: tf.Tensor1D
  readonly positiveIndex: tf.Tensor2D
  readonly positiveIndexMask: tf.Tensor2D
  readonly #isFilled: tf.Tensor1D | undefined
  readonly #agrees: tf.Tensor2D | undefined

  constructor(parts: RelationParts) {
    this.queryLabels = parts.queryLabels
    this.referenceLabels = parts.referenceLabels
    this.queryCount = parts.queryLabels.length
    this.referenceCount = parts.referenceCount
    this.maxPositives = parts.positiveIndex.shape[1]
    this.hasPositives = parts.hasPositives
    this.hasNegatives = parts.hasNegatives
    this.byComparison = parts.agrees !== undefined
    this.sameSet = parts.sameSet
    this.queryLabelTensor = parts.queryLabelTensor
    this.referenceLabelTensor = parts.referenceLabelTensor
    this.positiveIndex = parts.positiveIndex
    this.positiveIndexMask = parts.positiveIndexMask
    this.#isFilled = parts.isFilled
    this.#agrees = parts.agrees
  }

  positives(): tf.Tensor2D {
    return tf.tidy(() => {
      const same = this.#same()
      if (!this.sameSet) return this.#existing(same)
      const self = identityMatrix(this.queryCount, this.referenceCount)
      // By equality every row shares its own label, so that taking the diagonal away leaves 0 there.
      return this.#agrees ? tf.mul<tf.Tensor2D>(same, tf.sub(1, self)) : tf.sub<tf.Tensor2D>(same, self)
    })
  }

  negatives(): tf.Tensor2D {
    return tf.tidy(() => {
      if (!this.#agrees) return this.#existing(tf.cast(tf.notEqual<tf.Tensor2D>(...this.#columnAndRow()), 'float32'))
      const different = tf.sub<tf.Tensor2D>(1, this.#agrees)
      return this.sameSet ? tf.mul<tf.Tensor2D>(different, tf.sub(1, identityMatrix(this.queryCount, this.referenceCount))) : different
    })
  }

  get tensors(): readonly tf.Tensor[] {
    const all = [this.queryLabelTensor, this.referenceLabelTensor, this.positiveIndex, this.positiveIndexMask]
    return [...new Set<tf.Tensor | undefined>([...all, this.#isFilled, this.#agrees])].filter((tensor) => tensor !== undefined)
  }

  dispose(): void {
    tf.dispose([...this.tensors])
  }

  #same(): tf.Tensor2D {
    return this.#agrees ? tf.clone(this.#agrees) : tf.cast(tf.equal<tf.Tensor2D>(...this.#columnAndRow()), 'float32')
  }

  /** Without the columns of empty rows. */
  #existing(matrix: tf.Tensor2D): tf.Tensor2D {
    return this.#isFilled ? tf.mul(matrix, this.#isFilled) : matrix
  }

  #columnAndRow(): [tf.Tensor2D, tf.Tensor2D] {
    return [
      tf.reshape(this.queryLabelTensor, [this.queryCount, 1]),
      tf.reshape(this.referenceLabelTensor, [1, this.referenceCount]),
    ]
  }
}
