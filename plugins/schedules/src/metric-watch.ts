import { expectText, OptionError, type Plain } from '@metric-learning/contracts'
import { isTagOfSteps, isTagOfTrainer, type TappableTrainer } from '@metric-learning/core'

/**
 * Looks at one metric of a run: at each value that is logged under its tag, NaN where it has none, and where the trainer logs it many times an epoch
 * (`train/loss`, `train/loss/<term>`, `train/samplesPerSecond`, `train/dataWait`), at the mean of those of an epoch.
 *
 * A metric that never comes is an error once it had its chance: after the first epoch where the trainer logs it itself,
 * after the first evaluation since training began where not, at the end of the run where there was none.
 */
export class MetricWatch {
  readonly #others = new Set<string>()
  #seen = false
  #sum = 0
  #count = 0

  /**
   * @param who for errors
   * @param look is given each value, and the step that it is of
   */
  constructor(
    private readonly who: string,
    private readonly metric: string,
    private readonly look: (value: number, step: number) => void,
  ) {
    expectText(who, 'metric', metric, "the tag of a logged number, such as 'val/precisionAt1'")
  }

  /** @param name of the plugin that taps */
  apply(trainer: TappableTrainer, name: string): void {
    const { hooks } = trainer
    let hadChance = false
    let epochs = 0
    hooks.log.tap({ name }, (entry) => {
      if (entry.kind !== 'scalar' && entry.kind !== 'missing') return
      if (entry.tag !== this.metric) this.#others.add(entry.tag)
      else this.#hear(entry.kind === 'scalar' ? entry.value : NaN, entry.step)
    })
    hooks.evalEnd.tap({ name }, ({ step }) => {
      hadChance ||= step > 0
    })
    hooks.epochEnd.tap({ name }, ({ step }) => {
      hadChance ||= isTagOfTrainer(this.metric)
      epochs += 1
      if (this.#count === 0) return
      this.look(this.#sum / this.#count, step)
      ;[this.#sum, this.#count] = [0, 0]
    })
    hooks.epochStart.tap({ name }, () => {
      if (hadChance && !this.#seen) throw this.#missing()
    })
    hooks.done.tap({ name }, ({ stopReason }) => {
      if (epochs > 0 && stopReason === undefined && !this.#seen) throw this.#missing()
    })
  }

  /** What it knows of the epoch under way. */
  state(): Readonly<Record<'seen' | 'sum' | 'count', Plain>> {
    return { seen: this.#seen, sum: this.#sum, count: this.#count }
  }

  restore(state: Readonly<Record<string, Plain>>): void {
    const { seen, sum, count } = state as unknown as { readonly seen: boolean; readonly sum: number; readonly count: number }
    ;[this.#seen, this.#sum, this.#count] = [seen, sum, count]
  }

  #hear(value: number, step: number): void {
    this.#seen = true
    if (!isTagOfSteps(this.metric)) {
      this.look(value, step)
      return
    }
    this.#sum += value
    this.#count += 1
  }

  #missing(): OptionError {
    const others = [...this.#others].filter((tag) => !/^(rate|memory)\//.test(tag))
    return new OptionError({
      who: this.who,
      wanted: `\`metric\` to be a number that is logged, "${this.metric}"`,
      got: others.length ? `only ${others.join(', ')}` : 'none at all',
      fix: 'Correct the tag, or add the tester that measures it; one that measures every few epochs should do so before training, too.',
    })
  }
}
