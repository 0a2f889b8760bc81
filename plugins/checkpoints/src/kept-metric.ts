import { OptionError } from '@metric-learning/contracts'
import { isTagOfTrainer, type TappableTrainer } from '@metric-learning/core'

/**
 * Sees whether the metric by which checkpoints are kept ever comes. When it has not with the first evaluation since training
 * began, that is said; another one may bring it. When it has not by the end of the run, that is an error.
 */
export class KeptMetric {
  /** Tags of all numbers that were logged, with a value or without, also before the run was resumed. */
  readonly #tags = new Set<string>()
  #epochs = 0

  constructor(
    private readonly metric: string,
    private readonly say: (line: string) => void,
  ) {}

  /** @param name of the plugin that taps */
  apply({ hooks }: TappableTrainer, name: string): void {
    let hadChance = false
    let isSaid = false
    hooks.log.tap({ name }, (entry) => {
      if (entry.kind === 'scalar' || entry.kind === 'missing') this.#tags.add(entry.tag)
    })
    hooks.evalEnd.tap({ name }, ({ step }) => {
      hadChance ||= step > 0
    })
    hooks.epochEnd.tap({ name, stage: 'report' }, () => {
      this.#epochs += 1
      hadChance ||= isTagOfTrainer(this.metric)
      if (!hadChance || isSaid || this.#hasCome) return
      isSaid = true
      this.say(`No best checkpoint can be kept so far. ${this.#missing().message}`)
    })
  }

  /** @throws {OptionError} when the metric never came in a run that ends by itself. */
  expectAtEnd(stopReason: string | undefined): void {
    if (this.#epochs > 0 && stopReason === undefined && !this.#hasCome) throw this.#missing()
  }

  /** Tags that came so far. */
  get tags(): readonly string[] {
    return [...this.#tags]
  }

  restore(tags: readonly string[]): void {
    for (const tag of tags) this.#tags.add(tag)
  }

  get #hasCome(): boolean {
    return this.#tags.has(this.metric)
  }

  #missing(): OptionError {
    const others = this.tags.filter((tag) => !/^(rate|memory)\//.test(tag))
    return new OptionError({
      who: 'checkpoints',
      wanted: `\`keepBest.metric\` to be a number that is logged, "${this.metric}"`,
      got: others.length ? `only ${others.join(', ')}` : 'none at all',
      fix: 'Correct the tag, or add the tester that measures it.',
    })
  }
}
