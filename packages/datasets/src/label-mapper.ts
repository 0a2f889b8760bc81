import { describeValue, expectState, LabelError, StateError, type Dataset, type State, type Stateful } from '@metric-learning/contracts'

/** A label as a source of data has it: a text, or an integer of whatever size. */
export type SourceLabel = string | number

/**
 * Labels as they come, texts or sparse integers, to classes 0 … C - 1 and back: the distinct ones in ascending order, integers by
 * value, texts by code units. As PyTorch Metric Learning's `LabelMapper` with `set_min_label_to_zero`; a label that it does not know is an
 * error.
 *
 * Held-out classes have a mapper of their own; data with the classes of training is mapped by the one of training.
 *
 * @throws {LabelError} when there is no label, one is neither a text that is not empty nor a safe integer, or both kinds are there.
 * @example new LabelMapper(['dog', 'cat', 'dog']).map(['cat', 'dog']) // 0, 1
 */
export class LabelMapper<L extends SourceLabel = SourceLabel> implements Stateful {
  /** The label of each class. */
  readonly labels: readonly L[]
  readonly #classOf: ReadonlyMap<L, number>

  /** @param labels of a data set, or of its classes: each any number of times */
  constructor(labels: ArrayLike<L>) {
    expectLabels(labels)
    const distinct = [...new Set(Array.from(labels))]
    this.labels = typeof distinct[0] === 'number' ? distinct.sort((a, b) => (a as number) - (b as number)) : distinct.sort()
    this.#classOf = new Map(this.labels.map((label, number) => [label, number]))
  }

  /** Names of the classes, for a data set: labels as texts. */
  get classNames(): readonly string[] {
    return this.labels.map(String)
  }

  /**
   * @returns the class of each label: int32 [labels]
   * @throws {LabelError} when they are no list, or one is not among those that it was made for.
   */
  map(labels: ArrayLike<L>): Int32Array {
    if (!isList(labels)) {
      throw new LabelError({ who: 'LabelMapper.map', wanted: '`labels` to be a list', got: describeValue(labels), fix: 'Pass one label a sample, such as `[label]` for one.' })
    }
    return Int32Array.from(Array.from(labels), (label, position) => {
      const number = this.#classOf.get(label)
      if (number !== undefined) return number
      throw new LabelError({
        who: 'LabelMapper.map',
        wanted: `one of the ${this.labels.length} labels that it was made for, such as ${this.labels.slice(0, 3).map(describeValue).join(', ')}`,
        got: `${describeValue(label)} at position ${position}`,
        fix: 'Make it with all labels; held-out classes have a mapper of their own.',
      })
    })
  }

  /** What classes stand for: a run that goes on with others would train other classes. */
  state(): State {
    return { values: { labels: this.labels as readonly (string | number)[] } }
  }

  /** @throws {StateError} when the state is of other labels; names the first that differs. */
  restore(state: State): void {
    const { labels } = expectState('LabelMapper', state).values
    const saved = Array.isArray(labels) ? (labels as readonly SourceLabel[]) : []
    const at = Array.from({ length: Math.max(saved.length, this.labels.length) }).findIndex((_, i) => saved[i] !== this.labels[i])
    if (at === -1) return
    throw new StateError({
      who: 'LabelMapper',
      wanted: `a run whose class ${at} is ${at < this.labels.length ? describeValue(this.labels[at]) : 'not there'}`,
      got: `one where it is ${at < saved.length ? describeValue(saved[at]) : 'not there'}`,
      fix: 'Make it with the labels of the run that was saved; to train on with other classes, load the modules alone.',
    })
  }
}

/** Samples with labels as they come. */
export type SourceLabelled<L extends SourceLabel = SourceLabel> = Omit<Dataset, 'labels' | 'classNames'> & { readonly labels: ArrayLike<L> }

/**
 * A data set of samples whose labels are texts or sparse integers: classes are numbered by a {@link LabelMapper}, which is part of a run's state.
 *
 * @param mapper Default: one for all labels that there are
 * @throws {LabelError} as the mapper does.
 * @example mapLabels({ name: 'photos', labels: ['cat', 'dog'], sampleShape: [64, 64, 3], load })
 */
export function mapLabels<L extends SourceLabel>(samples: SourceLabelled<L>, mapper: LabelMapper<L> = new LabelMapper<L>(samples.labels)): Dataset & Stateful & { readonly mapper: LabelMapper<L> } {
  expectLabels(samples.labels)
  const { name, columns, sampleShape, normalization, views } = samples
  return {
    name,
    mapper,
    labels: mapper.map(samples.labels),
    classNames: mapper.classNames,
    sampleShape,
    ...(columns && { columns }),
    ...(normalization && { normalization }),
    ...(views !== undefined && { views }),
    load: (rows, at) => samples.load(rows, at),
    state: () => mapper.state(),
    restore: (state) => {
      mapper.restore(state)
    },
  }
}

function expectLabels(labels: ArrayLike<SourceLabel>): void {
  const given = labels as unknown
  const list = isList(given) ? Array.from(labels) : []
  const isLabel = (label: unknown) => (typeof label === 'string' ? label !== '' : Number.isSafeInteger(label))
  const at = list.findIndex((label) => !isLabel(label) || typeof label !== typeof list[0])
  if (list.length > 0 && at === -1) return
  throw new LabelError({
    who: 'LabelMapper',
    wanted: '`labels` to be a list of texts, or one of integers',
    got: !isList(given) ? describeValue(given) : list.length === 0 ? 'an empty list' : `${describeValue(list[at])} at position ${at}`,
    fix: 'Give each sample the label that its source has, all of one kind; a bigint as a text.',
  })
}

/** A text is a list of its letters, which nobody means. */
const isList = (given: unknown): given is ArrayLike<unknown> => typeof given === 'object' && given !== null && typeof (given as Partial<ArrayLike<unknown>>).length === 'number'
