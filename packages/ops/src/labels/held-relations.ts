import * as tf from '@tensorflow/tfjs-core'
import { labelRelationsBrand, OptionError, StateError, type LabelEquality, type LabelRelations, type RelationBlocks } from '@metric-learning/contracts'
import { identityMatrix } from '../numerics/identity-matrix.js'

/** What relations hold; the tensors become the property of {@link HeldRelations}. */
export interface RelationParts
  extends Pick<
    LabelRelations,
    | 'referenceLabels'
    | 'referenceCount'
    | 'sameSet'
    | 'hasPositives'
    | 'hasNegatives'
    | 'hasTriplets'
    | 'queryLabelTensor'
    | 'referenceLabelTensor'
  > {
  /** Absent of a block of queries. */
  readonly queryLabels?: Int32Array
  /** The positives of each query in a list, or how long the lists are that are made when somebody asks; `undefined`: nobody may ask. */
  readonly listed: ListedPositives | { readonly room: number | undefined }
  /** Of references of which some are empty: 1 where a row holds a reference, float32 [m]. */
  readonly isFilled?: tf.Tensor1D
  /** The reference that each query is, where these are no {@link sameSet}: int32 [n]. */
  readonly ownRows?: tf.Tensor1D
  /** 1 where query and reference agree, when that is more than equal numbers: float32 [n, m]. */
  readonly agrees?: tf.Tensor2D
}

type ListedPositives = Pick<LabelRelations, 'positiveIndex' | 'positiveIndexMask'>

/** Relations that are worked out: what follows from the parts is computed on the device when it is asked for. */
export class HeldRelations implements LabelRelations {
  readonly [labelRelationsBrand] = true
  readonly queryCount: number
  readonly referenceCount: number
  readonly hasPositives: boolean
  readonly hasNegatives: boolean
  readonly hasTriplets: boolean | undefined
  readonly byComparison: boolean
  readonly #queryLabels: Int32Array | undefined
  readonly referenceLabels: Int32Array
  readonly sameSet: boolean

  readonly queryLabelTensor: tf.Tensor1D
  readonly referenceLabelTensor: tf.Tensor1D
  #listed: ListedPositives | undefined
  readonly #room: number | undefined
  readonly #isFilled: tf.Tensor1D | undefined
  readonly #ownRows: tf.Tensor1D | undefined
  readonly #agrees: tf.Tensor2D | undefined

  constructor(parts: RelationParts) {
    this.#queryLabels = parts.queryLabels
    this.referenceLabels = parts.referenceLabels
    this.queryCount = parts.queryLabelTensor.shape[0]
    this.referenceCount = parts.referenceCount
    this.hasPositives = parts.hasPositives
    this.hasNegatives = parts.hasNegatives
    this.hasTriplets = parts.hasTriplets
    this.byComparison = parts.agrees !== undefined
    this.sameSet = parts.sameSet
    this.queryLabelTensor = parts.queryLabelTensor
    this.referenceLabelTensor = parts.referenceLabelTensor
    if ('room' in parts.listed) this.#room = parts.listed.room
    else this.#listed = parts.listed
    this.#isFilled = parts.isFilled
    this.#ownRows = parts.ownRows
    this.#agrees = parts.agrees
  }

  get queryLabels(): Int32Array {
    if (this.#queryLabels) return this.#queryLabels
    const fix = 'Go by `queryLabelTensor`, or look at the batch as a whole.'
    throw new StateError({ who: 'LabelRelations', wanted: 'a whole batch, whose labels are on the host', got: 'a block of it', fix })
  }

  get maxPositives(): number {
    return this.#room ?? this.#lists().positiveIndex.shape[1]
  }

  get positiveIndex(): tf.Tensor2D {
    return this.#lists().positiveIndex
  }

  get positiveIndexMask(): tf.Tensor2D {
    return this.#lists().positiveIndexMask
  }

  positives(): tf.Tensor2D {
    return tf.tidy(() => {
      const same = this.#same()
      if (this.#ownRows) return tf.mul(this.#existing(same), this.#isOther(this.#ownRows))
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
      if (this.#ownRows) return tf.mul(different, this.#isOther(this.#ownRows))
      return this.sameSet ? tf.mul<tf.Tensor2D>(different, tf.sub(1, identityMatrix(this.queryCount, this.referenceCount))) : different
    })
  }

  equality(): LabelEquality | undefined {
    return this.#agrees ? undefined : { ownRows: this.#rowsOfQueries(), isFilled: this.#isFilled }
  }

  byBlocks(): RelationBlocks {
    const ownRows = this.#rowsOfQueries()
    const parts: Readonly<Record<string, tf.Tensor | undefined>> = { ownRows, agrees: this.#agrees, ...this.#standingLists }
    const named = Object.entries(parts).filter((entry): entry is [string, tf.Tensor] => entry[1] !== undefined)
    const { referenceLabels, referenceCount, hasPositives, hasNegatives, hasTriplets } = this
    return {
      constants: [this.queryLabelTensor, ...named.map(([, tensor]) => tensor)],
      whole: [this.referenceLabelTensor, ...(this.#isFilled ? [this.#isFilled] : [])],
      of: ({ constants: [queryLabelTensor, ...others], whole: [referenceLabelTensor, isFilled] }) => {
        const { positiveIndex, positiveIndexMask, ...own } = Object.fromEntries(named.map(([name], i) => [name, others[i]!])) as Partial<ListedPositives & RelationParts>
        return new HeldRelations({
          referenceLabels,
          referenceCount,
          sameSet: false,
          hasPositives,
          hasNegatives,
          hasTriplets,
          queryLabelTensor: queryLabelTensor as tf.Tensor1D,
          referenceLabelTensor: referenceLabelTensor as tf.Tensor1D,
          listed: positiveIndex && positiveIndexMask ? { positiveIndex, positiveIndexMask } : { room: this.#room },
          ...(isFilled && { isFilled: isFilled as tf.Tensor1D }),
          ...own,
        })
      },
    }
  }

  get tensors(): readonly tf.Tensor[] {
    const labels = [this.queryLabelTensor, this.referenceLabelTensor]
    const listed = [this.#listed?.positiveIndex, this.#listed?.positiveIndexMask]
    return [...new Set<tf.Tensor | undefined>([...labels, ...listed, this.#isFilled, this.#ownRows, this.#agrees])].filter((tensor) => tensor !== undefined)
  }

  dispose(): void {
    tf.dispose([...this.tensors])
  }

  /** Those that were made, as long as both are there: a `tf.tidy` may have freed one, and kept the other for what it returned. */
  get #standingLists(): ListedPositives | undefined {
    const listed = this.#listed
    return listed && !listed.positiveIndex.isDisposed && !listed.positiveIndexMask.isDisposed ? listed : undefined
  }

  /** Made when somebody asks, and again where a `tf.tidy` has freed them since. */
  #lists(): ListedPositives {
    const standing = this.#standingLists
    if (standing) return standing
    const room = this.#room
    if (room === undefined) {
      throw new OptionError({
        who: 'LabelRelations',
        wanted: `\`maxPositives\`, for who looks at positives one by one, against ${this.referenceCount} references`,
        got: 'none',
        fix: 'Say how many positives a query may have; those beyond it are left out.',
      })
    }
    const [positiveIndex, positiveIndexMask] = tf.tidy(() => firstPositives(this.positives(), room))
    this.#listed = { positiveIndex, positiveIndexMask }
    return this.#listed
  }

  #rowsOfQueries(): tf.Tensor1D | undefined {
    return this.#ownRows ?? (this.sameSet ? tf.range(0, this.queryCount, 1, 'int32') : undefined)
  }

  /** 0 where a query meets itself. */
  #isOther(ownRows: tf.Tensor1D): tf.Tensor2D {
    const rows = tf.range(0, this.referenceCount, 1, 'int32')
    return tf.cast(tf.notEqual<tf.Tensor2D>(tf.expandDims(rows, 0), tf.expandDims(ownRows, 1)), 'float32')
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

/** For each row the columns of its first k ones, ascending and padded with 0, and where it has them: [n, k] each. */
function firstPositives(positives: tf.Tensor2D, k: number): [tf.Tensor2D, tf.Tensor2D] {
  const { values, indices } = tf.topk(positives, k)
  return [tf.mul<tf.Tensor2D>(indices, tf.cast(values, 'int32')), values as tf.Tensor2D]
}
