import type { JudgeObserver, LossTerms, NestedJudge } from '@metric-learning/contracts'
import type { Objective } from '../schemes/objective.js'
import { EmptySelections } from './empty-selections.js'
import { MinerStatistics } from './miner-statistics.js'

/** An objective's loss and its miner, or a loss within a loss with its own. */
export interface ObservedJudge extends NestedJudge {
  readonly objective: string
  /** As logs call it: `<objective>`, or `<objective>/<loss within>`, such as `both/losses.0` or `both/losses.0.loss`. */
  readonly path: string
}

/** Who looks at the terms of losses before they are reduced. */
export interface TermsWatch {
  terms(path: string, terms: LossTerms): void
}

/** All that objectives judge with, down to losses within losses, and what of it is counted and logged. */
export class ObservedJudges {
  readonly emptySelections: EmptySelections
  readonly statistics: MinerStatistics

  constructor(objectives: ReadonlyMap<string, Objective>) {
    const judges = [...objectives].flatMap(([name, objective]) => judgesWithin(name, objective, []))
    this.emptySelections = new EmptySelections(judges)
    this.statistics = new MinerStatistics(judges)
  }

  /**
   * For an objective that is judged now; inside the step.
   *
   * @param watch takes the terms of its losses
   */
  observer(objective: string, watch?: TermsWatch): JudgeObserver {
    this.statistics.forget(objective)
    return this.#observerAt(objective, [], watch)
  }

  dispose(): void {
    this.emptySelections.dispose()
    this.statistics.dispose()
  }

  #observerAt(objective: string, within: readonly string[], watch: TermsWatch | undefined): JudgeObserver {
    const path = pathOf(objective, within)
    const record = this.statistics.recorderOf(path)
    return {
      ...(record && { record }),
      ...(watch && { terms: (terms: LossTerms) => { watch.terms(path, terms) } }),
      countEmpty: (isEmpty) => {
        this.emptySelections.count(path, isEmpty)
      },
      within: (name) => this.#observerAt(objective, [...within, name], watch),
    }
  }
}

function judgesWithin(objective: string, { loss, miner }: NestedJudge, within: readonly string[]): ObservedJudge[] {
  const nested = Object.entries(loss.nested ?? {}).flatMap(([name, judge]) => judgesWithin(objective, judge, [...within, name]))
  return [{ objective, path: pathOf(objective, within), loss, miner }, ...nested]
}

const pathOf = (objective: string, within: readonly string[]): string => (within.length === 0 ? objective : `${objective}/${within.join('.')}`)
