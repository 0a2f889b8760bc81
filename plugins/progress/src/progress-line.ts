import { expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import type { BatchEndContext, EpochStartContext, EvalEndContext, EvalProgressContext, EvalStartContext, LogEntry, Plugin, Trainer } from '@metric-learning/core'
import { wrappedLines, type LinePart } from './fitted-line.js'
import { columnsOf, terminalKind, type ProgressStream } from './line-terminal.js'
import { barPart, LiveLine } from './live-line.js'
import { TimeLeft } from './time-left.js'

export interface ProgressLineOptions {
  /**
   * Default `process.stderr`. On a terminal one line is rewritten; elsewhere, and with `TERM=dumb` or `CI`, a line is added at each
   * quarter of an epoch. With `NO_COLOR` there is no escape sequence in what is written.
   */
  readonly stream?: ProgressStream
  /** Written in front. Default nothing. */
  readonly label?: string
  /** Metrics of an evaluation that are shown. Default precisionAt1 and meanAveragePrecisionAtR; a tester that has neither: all. */
  readonly metrics?: readonly string[]
  /** Runs like this one that the program makes after it: the time that is left is that of all. Default 0. */
  readonly runsAfter?: number
}

/** What metrics are called in print, where their names are too long. */
const SHORT: Readonly<Record<string, string>> = {
  precisionAt1: 'P@1',
  rPrecision: 'RP',
  meanAveragePrecision: 'MAP',
  meanAveragePrecisionAtR: 'MAP@R',
  meanReciprocalRank: 'MRR',
}

/** Milliseconds between two lines of one evaluation, where lines stay. */
const PATIENCE = 10_000

/**
 * Shows how far a run is: epoch, step, loss (mean of what this process logged in this epoch), samples a second, metrics of the last
 * evaluation, and the time that is left, evaluations and `runsAfter` included; where steps of this epoch waited for data for more
 * than 5 % of their time, that share, too. On a narrow terminal the time that is left, the epoch and the loss come first. Evaluations
 * are shown while they run, as far as testers report, and with what they found: metrics that are null have no result, and each
 * warning of a tester is shown once.
 *
 * It reads nothing from the device: the loss is `train/loss` of `hooks.log`, looked at every `logEverySteps` steps of the trainer.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export function progressLine(options: ProgressLineOptions = {}): Plugin {
  expectKnownOptions('progressLine', options, ['stream', 'label', 'metrics', 'runsAfter'])
  expectNumber('progressLine', 'runsAfter', options.runsAfter ?? 0, { min: 0, integer: true })
  return new ProgressLine(options)
}

class ProgressLine implements Plugin {
  readonly name = 'progressLine'
  readonly #stream: ProgressStream
  readonly #label: readonly string[]
  readonly #metrics: readonly string[]
  readonly #left: TimeLeft
  /** Absent where lines stay. */
  readonly #live: LiveLine | undefined
  #epochs = 0
  /** The epoch under way, since it began or was resumed. */
  #epoch = { started: 0, samples: 0, waited: 0, losses: [] as number[] }
  /** Where it is. */
  #place = { epoch: 0, steps: 0, stepInEpoch: 0 }
  /** Warnings of testers that were shown. */
  readonly #warned = new Set<string>()
  /** What the last evaluation found: of each split its metrics. */
  #found = new Map<string, readonly (readonly [metric: string, value: string])[]>()
  /** The evaluation under way. */
  #evaluated: { readonly started: number; progress?: EvalProgressContext } | undefined
  /** Whether there is, or has just been, one within an epoch. */
  #isWithin = false
  /** When a line was written last, where lines stay. */
  #written = -Infinity

  constructor(options: ProgressLineOptions) {
    const { stream = process.stderr, label = '', metrics = ['precisionAt1', 'meanAveragePrecisionAtR'], runsAfter = 0 } = options
    this.#stream = stream
    this.#label = label === '' ? [] : [label]
    this.#metrics = metrics
    this.#left = new TimeLeft(runsAfter)
    const kind = terminalKind(stream)
    this.#live = kind === 'lines' ? undefined : new LiveLine(stream, kind, (progress) => this.#parts(progress))
  }

  apply({ hooks }: Trainer): void {
    const tap = { name: this.name, stage: 'report' } as const
    hooks.epochStart.tap(tap, (context) => this.#begin(context))
    hooks.log.tap(tap, (entry) => this.#log(entry))
    hooks.batchEnd.tap(tap, (context) => this.#batch(context))
    hooks.evalStart.tap(tap, (context) => this.#beginEvaluation(context))
    hooks.evalProgress.tap(tap, (context) => this.#evaluate(context))
    hooks.evalEnd.tap(tap, (context) => this.#endEvaluation(context))
    hooks.epochEnd.tap(tap, () => {
      this.#live?.clear()
    })
    hooks.done.tap(tap, ({ stopReason, epoch, step }) => {
      this.#left.end()
      this.#live?.clear()
      if (stopReason !== undefined) this.#write([`stopped in epoch ${epoch}, step ${step}: ${stopReason}`])
    })
    hooks.failed.tap(tap, () => {
      this.#live?.leave()
    })
  }

  #begin({ epoch, epochs, steps, stepInEpoch }: EpochStartContext): undefined {
    this.#epochs = epochs
    this.#evaluated = undefined
    this.#epoch = { started: performance.now(), samples: 0, waited: 0, losses: [] }
    this.#place = { epoch, steps, stepInEpoch }
    this.#left.begin({ epoch, epochs, steps, stepInEpoch })
    this.#live?.begin(steps, stepInEpoch)
  }

  #log(entry: LogEntry): undefined {
    if (entry.kind === 'scalar' && entry.tag === 'train/loss') this.#epoch.losses.push(entry.value)
  }

  #batch({ epoch, stepInEpoch, steps, rows, dataWait }: BatchEndContext): undefined {
    this.#epoch.samples += rows.length
    this.#epoch.waited += dataWait
    this.#place = { epoch, steps, stepInEpoch }
    this.#left.step(stepInEpoch)
    if (this.#isWithin) this.#goOn()
    const quarter = (step: number) => Math.floor((4 * step) / steps)
    this.#live?.update(stepInEpoch)
    if (stepInEpoch === steps || (!this.#live && quarter(stepInEpoch) > quarter(stepInEpoch - 1))) this.#write(this.#training())
  }

  #beginEvaluation({ epoch, epochs, withinEpoch }: EvalStartContext): undefined {
    this.#epochs = epochs
    this.#place = { ...this.#place, epoch }
    this.#evaluated = { started: performance.now() }
    this.#isWithin = withinEpoch
    // The time of those within epochs is that of their steps.
    if (!withinEpoch) this.#left.pause()
    this.#live?.begin(0, 0)
  }

  /** Training goes on after an evaluation within an epoch. */
  #goOn(): void {
    this.#evaluated = undefined
    this.#isWithin = false
    this.#live?.begin(this.#place.steps, this.#place.stepInEpoch)
  }

  #evaluate(progress: EvalProgressContext): undefined {
    const before = this.#evaluated?.progress
    this.#evaluated = { started: this.#evaluated?.started ?? performance.now(), progress }
    const { task, done, total } = progress
    this.#live?.begin(total, done)
    if (this.#live || performance.now() - Math.max(this.#written, this.#evaluated.started) < PATIENCE) return
    const quarter = (of: number) => Math.floor((4 * of) / total)
    if (before?.task !== task || quarter(done) > quarter(before.done)) this.#write([this.#epochText(), task, `${done}/${total}`, ...this.#leftText()])
  }

  #endEvaluation({ metrics, warnings, isBest, seconds }: EvalEndContext): undefined {
    const took = seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds)
    for (const [split, values] of Object.entries(metrics)) {
      const found = Object.keys(values).filter((name) => values[name] !== null)
      const chosen = this.#metrics.filter((name) => name in values)
      const shown = (chosen.length > 0 ? chosen : found).filter((name) => found.includes(name)).map((name) => [name, number(values[name]!)] as const)
      this.#found.set(split, shown)
      const results = shown.length > 0 ? shown.map((metric) => metric.join(' ')) : ['no result']
      this.#write([this.#epochText(), split, ...results, `in ${took}`, ...(isBest ? ['best so far'] : [])])
    }
    for (const warning of warnings.filter((text) => !this.#warned.has(text))) {
      this.#warned.add(warning)
      this.#write([warning])
    }
    // Its time is none of training.
    if (this.#isWithin) this.#epoch.started += 1000 * seconds
    // Another tester may follow, and report.
    this.#evaluated = undefined
  }

  /** What the line of a terminal says. */
  #parts(progress: number): readonly LinePart[] {
    const part = (text: string, rank: number): LinePart => ({ text, rank })
    const label = this.#label.map((text) => part(text, 7))
    const left = this.#leftText().map((text) => part(text, 1))
    if (this.#evaluated) {
      const { started, progress: reported } = this.#evaluated
      const what = reported
        ? [barPart(progress, 6), part(reported.task, 2), part(`${reported.done}/${reported.total}`, 4)]
        : [part('evaluating …', 2), part(duration((performance.now() - started) / 1000), 4)]
      return [...label, part(this.#epochText(), 3), ...what, ...left]
    }
    const { loss, step, speed, wait } = this.#numbers()
    return [
      ...label,
      part(this.#epochText(), 2),
      barPart(progress, 5),
      part(step, 8),
      ...loss.map((text) => part(text, 3)),
      ...this.#foundParts(),
      ...speed.map((text) => part(text, 9)),
      ...wait.map((text) => part(text, 6)),
      ...left,
    ]
  }

  /** What a line that stays says of the training. On a terminal the line below it says what is left. */
  #training(): readonly string[] {
    const { loss, step, speed, wait } = this.#numbers()
    return [this.#epochText(), step, ...loss, ...speed, ...wait, ...(this.#live ? [] : this.#leftText())]
  }

  #numbers() {
    const { started, samples, waited, losses } = this.#epoch
    const { steps, stepInEpoch } = this.#place
    const elapsed = (performance.now() - started) / 1000
    const share = waited / 1000 / elapsed
    return {
      step: `step ${String(stepInEpoch).padStart(String(steps).length)}/${steps}`,
      loss: losses.length > 0 ? [`loss ${number(losses.reduce((sum, loss) => sum + loss, 0) / losses.length)}`] : [],
      speed: samples > 0 ? [`${perSecond(samples / elapsed)} samples/s`] : [],
      wait: share > 0.05 ? [`data wait ${Math.round(100 * share)} %`] : [],
    }
  }

  /** The metrics of the last evaluation, the first one before the bar; with several splits each says which. */
  #foundParts(): readonly LinePart[] {
    const all = [...this.#found].flatMap(([split, shown]) => shown.map((metric) => [this.#found.size > 1 ? `${split} ` : '', ...metric] as const))
    return all.map(([split, name, value], i) => ({
      text: `${split}${name} ${value}`,
      short: SHORT[name] && `${split}${SHORT[name]} ${value}`,
      rank: i === 0 ? 4 : 10,
    }))
  }

  #epochText(): string {
    return `epoch ${this.#place.epoch}/${this.#epochs}`
  }

  #leftText(): readonly string[] {
    const { seconds } = this.#left
    return seconds === undefined || seconds < 0.5 ? [] : [`${duration(seconds)} left`]
  }

  /** Lines that stay, with the label in front; those of a terminal are broken between their parts. */
  #write(parts: readonly string[]): void {
    const all = [...this.#label, ...parts]
    this.#live?.clear()
    this.#stream.write(`${this.#live ? wrappedLines(all, columnsOf(this.#stream)) : all.join('  ')}\n`)
    this.#written = performance.now()
  }
}

/** Four decimals; small ones in three digits. */
const number = (value: number): string => (value !== 0 && Math.abs(value) < 0.01 ? value.toPrecision(3) : value.toFixed(4))

/** Whole numbers; one decimal where they are few. */
const perSecond = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

/** Seconds as `1 h 02 min`, `3 min 05 s` or `12 s`. */
function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
  return `${whole} s`
}
