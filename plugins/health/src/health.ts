import { join } from 'node:path'
import { expectKnownOptions, expectText, isMetricLearningError, type Plain, type State, type Stateful } from '@metric-learning/contracts'
import type { EvalEndContext, FailedContext, LogEntry, Plugin, Progress, TappableTrainer } from '@metric-learning/core'
import { expectFinite } from '@metric-learning/ops'
import { samplesText } from './cause-texts.js'
import { CertainMetrics } from './certain-metrics.js'
import { ClassesSeen } from './classes-seen.js'
import { diagnose, type Diagnosis } from './diagnosis.js'
import type { HealthFinding } from './finding.js'
import { suspicionsOf, type Suspicion } from './look-rules.js'
import type { Look } from './look.js'
import { writeFailure } from './write-failure.js'

export interface HealthOptions {
  /** Where a run that breaks leaves its batch and its page, in a folder `step-<step>` each. Default `health`. */
  readonly folder?: string
}

/** What {@link health} gives. */
export interface HealthPlugin extends Omit<Plugin, keyof Stateful>, Stateful {
  /** What was found so far, oldest first; each once a run. */
  readonly findings: readonly HealthFinding[]
  /** What the run broke on; `undefined` as long as it did not. */
  readonly failure: HealthFailure | undefined
}

/** Why a run broke, and where that is shown. */
export interface HealthFailure {
  readonly diagnosis: Diagnosis
  /** Path of the page; `undefined` where it could not be written. */
  readonly page: string | undefined
}

/** Looks in a row that show something before it is said: what passes by itself is no finding. */
const PATIENCE = 3

/** Looks that are kept for the page. */
const KEPT = 10

/** Steps after which classes that were never there are looked for, where an epoch is longer. */
const CLASSES_EVERY = 500

/** What is kept of a look. */
const KEPT_TAGS = /^(train\/(loss|emptySelections|spread|norm)|gradientNorm|rate)\b/

/**
 * Ends a run whose numbers break, and says where; warns, once each, of what else makes a run worthless. See docs/health.md.
 *
 * **NaN or infinity** in a loss or in the gradient of a parameter ends the run with an `ML_NOT_FINITE` error, before the update: the
 * device checks gradients in each step, as it checks losses anyway, and nothing is read. The step is then taken again, operation by
 * operation, for what broke first. Batch, facts and a page are written to `folder`, and the error names loss term, layer, samples and page.
 *
 * **Warnings** (`HealthWarning` of the process, texts `health/<condition>` in the log, {@link HealthPlugin.findings}): embeddings that
 * collapse, rates of 0, waits for data above 30 %, by three looks in a row of those that the run logs anyway (`logEverySteps`); classes
 * that are never sampled; metrics that cannot fail. Of selections that stay empty the trainer warns; here they are among the findings.
 *
 * What was warned of and counted is part of a run's state, but for waits for data: these are measured, and a run that is resumed, maybe on
 * another machine, counts and says them anew.
 *
 * @throws {OptionError} when an option is unknown, or `folder` is no text.
 * @example new Trainer({ ...parts, plugins: [tester, health({ folder: 'runs/first/health' })] })
 */
export function health(options: HealthOptions = {}): HealthPlugin {
  expectKnownOptions('health', options, ['folder'])
  const { folder = 'health' } = options
  expectText('health', 'folder', folder, 'the path of a folder', "Pass one, such as 'runs/first/health', or leave it out.")
  return new Health(folder)
}

class Health implements HealthPlugin {
  readonly name = 'health'
  readonly #folder: string
  #findings: HealthFinding[] = []
  #failure: HealthFailure | undefined
  /** In how many looks in a row something was suspicious, by condition and subject. */
  #suspected = new Map<string, number>()
  #looks: Look[] = []
  /** Scalars of the step under way. */
  #values = new Map<string, number>()
  #classes: ClassesSeen | undefined
  #metrics: CertainMetrics | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  get findings(): readonly HealthFinding[] {
    return this.#findings
  }

  get failure(): HealthFailure | undefined {
    return this.#failure
  }

  apply({ hooks, options }: TappableTrainer): void {
    const { name } = this
    const report = { name, stage: 'report' } as const
    this.#classes = new ClassesSeen(options.dataset)
    this.#metrics = new CertainMetrics(options.dataset)
    // What other taps leave: values that were clipped are finite.
    hooks.gradients.tap(report, ({ gradients }) => {
      for (const [parameter, gradient] of gradients) expectFinite(name, `gradient of ${parameter}`, gradient)
      return { gradients }
    })
    hooks.log.tap(report, (entry) => this.#log(entry))
    hooks.batchEnd.tap(report, ({ rows, ...progress }) => {
      this.#classes!.count(rows)
      if (this.#values.has('train/loss')) this.#look(progress)
      this.#values.clear()
      if (progress.step % CLASSES_EVERY === 0) this.#judgeClasses(progress)
    })
    hooks.epochEnd.tap(report, (progress) => {
      this.#judgeClasses(progress)
    })
    hooks.evalEnd.tapPromise(report, (found) => this.#evaluate(found))
    // Before loggers close their files.
    hooks.failed.tapPromise({ name, stage: 'measure' }, (context) => this.#fail(context))
  }

  state(): State {
    return {
      values: {
        // What is measured, and not computed, is no part of a run: it would be another one in each.
        findings: this.#findings.filter(({ condition }) => condition !== 'dataWait').map((finding) => ({ ...finding })),
        suspected: Object.fromEntries([...this.#suspected].filter(([what]) => !what.startsWith('dataWait '))),
        looks: this.#looks.map(({ step, values }) => ({ step, values: Object.fromEntries(values) })),
        perfect: this.#metrics?.state ?? {},
        classes: this.#classes?.state() ?? null,
      },
    }
  }

  restore({ values = {} }: State): void {
    const { findings = [], suspected = {}, looks = [], perfect = {}, classes = null } = values as unknown as SavedHealth
    this.#findings = [...findings]
    this.#suspected = new Map(Object.entries(suspected))
    this.#looks = looks.map(({ step, values: saved }) => ({ step, values: new Map(Object.entries(saved)) }))
    this.#metrics?.restore(perfect)
    if (classes !== null) this.#classes?.restore(classes)
  }

  #log(entry: LogEntry): undefined {
    if (entry.kind === 'scalar') this.#values.set(entry.tag, entry.value)
  }

  #look(progress: Progress): void {
    const look = { step: progress.step, values: new Map(this.#values) }
    const suspicions = suspicionsOf(look, this.#looks.at(-1), progress.trainer)
    const before = this.#suspected
    this.#suspected = new Map(suspicions.map(({ condition, subject }) => [`${condition} ${subject}`, (before.get(`${condition} ${subject}`) ?? 0) + 1]))
    for (const suspicion of suspicions) {
      if (this.#suspected.get(`${suspicion.condition} ${suspicion.subject}`)! >= PATIENCE) this.#find(suspicion, progress)
    }
    const kept = [...look.values].filter(([tag, value]) => KEPT_TAGS.test(tag) && Number.isFinite(value))
    this.#looks = [...this.#looks, { step: look.step, values: new Map(kept) }].slice(-KEPT)
  }

  #judgeClasses(progress: Progress): void {
    const message = this.#classes!.warning()
    if (message !== undefined) this.#find({ condition: 'classesNeverSampled', subject: '', message }, progress)
  }

  async #evaluate(evaluation: EvalEndContext): Promise<void> {
    for (const { split, message } of await this.#metrics!.judge(evaluation)) this.#find({ condition: 'certainMetric', subject: split, message }, evaluation)
  }

  /** Says something, once. */
  #find({ condition, subject, message }: Suspicion, { trainer, epoch, step }: Progress): void {
    if (this.#findings.some((finding) => finding.condition === condition && finding.subject === subject)) return
    this.#findings.push({ condition, subject, epoch, step, message })
    trainer.log({ kind: 'text', tag: `${this.name}/${condition}`, step, text: message })
    // The trainer has said that itself.
    if (condition !== 'emptySelection') globalThis.process?.emitWarning(message, { type: 'HealthWarning', code: condition })
  }

  async #fail({ trainer, error, failedStep }: FailedContext): Promise<void> {
    if (!isMetricLearningError(error) || error.code !== 'ML_NOT_FINITE') return
    const { message } = error
    const diagnosis = diagnose(trainer, failedStep)
    const { cause, step, samples } = diagnosis
    const facts = [
      ...(cause.terms.length > 0 ? [`loss ${cause.terms.length === 1 ? 'term' : 'terms'} ${cause.terms.map((term) => `"${term}"`).join(', ')}`] : []),
      ...(cause.layer === undefined ? [] : [`layer ${cause.layer}`]),
      ...(cause.samples.length > 0 ? [samplesText(samples)] : []),
      `cause: ${cause.kind}`,
    ]
    const earlier = error.parts.where === undefined || error.parts.where.includes(`plugin "${this.name}"`) ? [] : [error.parts.where]
    const say = (shown: readonly string[]) => error.in([...earlier, ...facts, ...shown].join('; '))
    this.#failure = { diagnosis, page: undefined }
    say([])
    const page = await writeFailure(join(this.#folder, `step-${step}`), {
      diagnosis,
      message,
      findings: this.#findings,
      looks: this.#looks,
      views: failedStep?.views,
      datasetName: trainer.options.dataset.name,
    })
    this.#failure = { diagnosis, page }
    say([`shown in ${page}`])
    trainer.log({ kind: 'text', tag: `${this.name}/failure`, step: trainer.step, text: error.message })
  }
}

interface SavedHealth {
  readonly findings?: readonly HealthFinding[]
  readonly suspected?: Readonly<Record<string, number>>
  readonly looks?: readonly { readonly step: number; readonly values: Readonly<Record<string, number>> }[]
  readonly perfect?: Readonly<Record<string, number>>
  readonly classes?: Plain
}
