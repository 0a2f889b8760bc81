import type { EvalEndContext, Evaluation, EvaluationProgress, Progress } from '../hooks/contexts.js'
import type { HookSet } from '../hooks/hook-set.js'
import type { RunLog } from './run-log.js'
import type { ValidationLoss } from './validation-loss.js'
import type { WeightAverages } from './weight-averages.js'

/** Whom evaluations ask, tell and show. */
interface EvaluationParts {
  readonly hooks: HookSet
  readonly log: RunLog
  /** The losses of the run on splits, where they are logged. */
  readonly validation: ValidationLoss | undefined
  /** What testers see in place of weights. */
  readonly averages: WeightAverages | undefined
  readonly progress: () => Progress
}

/**
 * When testers are asked, with which weights, and what becomes of what they find: it is logged, with the losses of the run on the same
 * splits, and announced.
 */
export class Evaluations {
  /** The epoch after which the run was evaluated last: 0 before training, -1 not at all. */
  evaluated = -1
  /** Milliseconds of evaluations within the epoch under way. */
  #milliseconds = 0

  constructor(private readonly parts: EvaluationParts) {}

  /** Milliseconds of evaluations since the last {@link startEpoch}: none of training. */
  get milliseconds(): number {
    return this.#milliseconds
  }

  /** Counts their time anew. */
  startEpoch(): void {
    this.#milliseconds = 0
  }

  /** Before training, and after an epoch: once for each, also where what came after it failed, or the run was cut off there. */
  async afterEpoch(epochs: number): Promise<void> {
    const { hooks, progress } = this.parts
    const { epoch } = progress()
    if (this.evaluated >= epoch || hooks.evaluate.taps.length === 0) return
    await this.#ask(epochs, false)
    this.evaluated = epoch
  }

  /** Testers that want to be asked at this step. */
  async withinEpoch(epochs: number): Promise<void> {
    const started = performance.now()
    await this.#ask(epochs, true)
    const took = performance.now() - started
    this.#milliseconds += took
    this.parts.log.pause(took)
  }

  async #ask(epochs: number, withinEpoch: boolean): Promise<void> {
    const { hooks, averages, progress } = this.parts
    const context = { ...progress(), epochs, withinEpoch }
    const report = (reported: EvaluationProgress): void => hooks.evalProgress.call({ ...context, ...reported })
    const asking = (rawWeights: boolean): void => {
      if (rawWeights) averages?.hide()
      else averages?.show()
    }
    try {
      asking(false)
      await hooks.evalStart.promise(context)
      await hooks.ask({ ...context, report }, { asking, found: (evaluation) => this.#found(evaluation) })
    } finally {
      averages?.hide()
    }
  }

  async #found(evaluation: Evaluation): Promise<void> {
    const { hooks, log, progress } = this.parts
    const whole: EvalEndContext = { ...completeEvaluation(evaluation), ...progress() }
    if (hooks.log.taps.length > 0) {
      log.evaluation(whole)
      await this.#validate(whole)
    }
    await hooks.evalEnd.promise(whole)
  }

  /** The losses of the run on what a tester has judged. */
  async #validate({ tester, metrics, splits, step }: EvalEndContext): Promise<void> {
    const { log, validation } = this.parts
    for (const { name, dataset, given = dataset } of splits) {
      if (!validation || !(name in metrics) || !log.owns(name, tester)) continue
      log.validation(name, tester, await validation.evaluate(name, given), step)
    }
  }
}

/** Fills in what a tester left out. NaN is no value: it becomes null, and each null has a reason. */
export function completeEvaluation(found: Evaluation): Required<Evaluation> {
  const { metrics, reasons = {} } = found
  const whole = mapValues(metrics, (values) => mapValues(values, (value) => (value !== null && Number.isNaN(value) ? null : value)))
  const missing = mapValues(whole, (values, split) => {
    const names = Object.keys(values).filter((name) => values[name] === null)
    return Object.fromEntries(names.map((name) => [name, reasons[split]?.[name] ?? 'The tester gave no value.']))
  })
  return { splits: [], isBest: false, warnings: [], descriptions: {}, ...found, metrics: whole, reasons: missing }
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
