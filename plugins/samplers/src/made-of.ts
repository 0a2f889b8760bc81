import { expectState, labelChecksum, StateError, type Plain, type State, type Stateful } from '@metric-learning/contracts'

/**
 * What the batches of a sampler follow from besides their position, as its state: with other labels or options a run that goes on would draw
 * other batches, in silence.
 */
export class MadeOf implements Stateful {
  readonly #who: string
  /** Labels as checksums. */
  readonly #values: Readonly<Record<string, Plain>>

  /** @param labels of each sample, by the name of their column; int32 [samples] */
  constructor(who: string, labels: Readonly<Record<string, Int32Array>>, options: Readonly<Record<string, Plain>>) {
    this.#who = who
    this.#values = { ...options, ...Object.fromEntries(Object.entries(labels).map(([column, all]) => [column, { checksum: labelChecksum(all), count: all.length }])) }
  }

  state(): State & Required<Pick<State, 'values'>> {
    return { values: this.#values }
  }

  /** @throws {StateError} when it is the state of one that draws other batches; names what differs. */
  restore(state: State): void {
    const { values: saved } = expectState(this.#who, state)
    const isState = Object.keys(this.#values).some((name) => name in saved)
    const others = isState ? Object.entries(this.#values).filter(([name, own]) => JSON.stringify(saved[name]) !== JSON.stringify(own)) : []
    if (isState && others.length === 0) return
    throw new StateError({
      who: this.#who,
      wanted: isState ? others.map(([name, own]) => shown(name, own)).join(', ') : 'the state of such a sampler',
      got: isState ? others.map(([name]) => shown(name, saved[name], 'others')).join(', ') : 'another',
      fix: isState
        ? 'Make it with the labels and options that it had, so that the run draws on as it began; to train on with other batches, load the modules alone.'
        : 'Restore what `state()` gave.',
    })
  }
}

/** Labels are said to be the same, or others, of so many samples. */
function shown(name: string, value: Plain | undefined, which = 'these'): string {
  if (value === undefined) return `no ${name}`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${name} ${JSON.stringify(value)}`
  return `${which === 'others' ? 'other ' : ''}${name} of ${(value as { readonly count: number }).count} samples`
}
