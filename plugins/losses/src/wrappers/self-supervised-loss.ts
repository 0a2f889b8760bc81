import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  OptionError,
  type ComputeOptions,
  type LabelRelations,
  type Labels,
  type Loss,
  type NestedJudge,
  type Parameters,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import { expectEmbeddings, expectFinite, judge, nestedState, option, readOptions, relationsOf, restoreNested, type GivenOptions } from '@metric-learning/ops'
import { expectTakesReferences } from './wrapped-losses.js'

const options = {
  /** A loss over pairs or triplets. */
  loss: option.part<Loss>(['compute'], 'new NTXentLoss()'),
  /** Compares all views with each other; false compares the first views with the second ones only. Default true. */
  symmetric: option.flag({ default: true }),
}

/** Options of {@link SelfSupervisedLoss}. */
export type SelfSupervisedLossOptions = GivenOptions<typeof options>

/**
 * A loss without labels: row i of the embeddings and row i of the references are two views of one sample, each sample
 * is a class of its own. `symmetric`: 2n embeddings are compared with each other, else n with n.
 *
 * `SelfSupervisedLoss` of PyTorch Metric Learning.
 *
 * @useWhen Two views of each sample and no labels, for any loss over pairs or triplets.
 * @example
 * const loss = new SelfSupervisedLoss({ loss: new NTXentLoss() })
 * const [first, second] = [1, 2].map((seed) => tf.randomNormal<tf.Rank.R2>([8, 64], 0, 1, 'float32', seed)) // embeddings of two views
 * loss.compute(first!, undefined, { references: { refEmbeddings: second! } })
 * @throws {OptionError} when an option is unknown, or the loss is none over pairs or triplets of samples.
 */
export class SelfSupervisedLoss implements Loss, Stateful {
  /** All options, with their defaults: for docs and forms. */
  static readonly declaredOptions = options
  readonly name = 'SelfSupervisedLoss'
  readonly labels = 'refused'
  readonly takesReferences = true
  readonly needsReferences = true
  readonly takesSelections = false
  readonly loss: Loss
  readonly symmetric: boolean

  constructor(given: SelfSupervisedLossOptions) {
    const { loss, symmetric } = readOptions(this.name, options, given)
    expectTakesReferences(this.name, loss)
    expectTakesSamples(this.name, loss)
    this.loss = loss
    this.symmetric = symmetric
  }

  get parameters(): Parameters {
    return this.loss.parameters
  }

  get buffers(): Parameters {
    return this.loss.buffers ?? new Map()
  }

  get nested(): Readonly<Record<string, NestedJudge>> {
    return { loss: { loss: this.loss } }
  }

  /** What the loss remembers beside parameters and buffers. */
  state(): State {
    return nestedState({ loss: this.loss })
  }

  /** @throws {StateError} when the state is none of this loss. */
  restore(state: State): void {
    restoreNested(this.name, { loss: this.loss }, state)
  }

  /**
   * @param embeddings the first views, float32 [n, dim]
   * @param labels none
   * @param options `references` with `refEmbeddings`, the second views, float32 [n, dim]
   * @throws {OptionError} when there are labels, or no second views.
   */
  compute(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: ComputeOptions = {}): tf.Scalar {
    expectKnownOptions(`${this.name}.compute`, options, ['references', 'position', 'observer'])
    const { references, observer, ...draws } = options
    const refEmbeddings = references?.refEmbeddings
    if (labels || references?.refLabels || !refEmbeddings) {
      throw new OptionError({
        who: this.name,
        wanted: '`references.refEmbeddings`, and no labels',
        got: refEmbeddings ? 'labels' : 'no references',
        fix: `Row i of the embeddings and row i of the references are the two views of sample i.${refEmbeddings ? '' : " In the trainer the objective names the latter: `against: 'otherEmbeddings'`."}`,
      })
    }
    expectEmbeddings(this.name, 'embeddings', embeddings, ['batch', 'dim'])
    expectEmbeddings(this.name, 'refEmbeddings', refEmbeddings, embeddings.shape)
    expectFinite(this.name, 'embeddings', embeddings)
    expectFinite(this.name, 'refEmbeddings', refEmbeddings)
    const samples = Array.from({ length: embeddings.shape[0] }, (_, row) => row)
    const others = { ...draws, ...(observer && { observer: observer.within('loss') }) }
    return tf.tidy(() =>
      this.symmetric
        ? judge(this, { ...others, embeddings: tf.concat([embeddings, refEmbeddings]), labels: relationsOf([...samples, ...samples]) })
        : judge(this, { ...others, embeddings, labels: relationsOf(samples, { refLabels: samples }), references: { refEmbeddings } }),
    )
  }
}

/** Checks that a loss takes samples for classes. */
function expectTakesSamples(who: string, { name, labels = 'needed', overClasses = false }: Loss): void {
  if (labels === 'needed' && !overClasses) return
  throw new OptionError({
    who,
    wanted: 'a loss over pairs of samples',
    got: name,
    fix: overClasses
      ? 'It is about the classes of a data set; take another, such as TripletMarginLoss.'
      : 'It takes two views itself: pass `references` without labels.',
  })
}
