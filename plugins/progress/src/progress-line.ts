import { expectKnownOptions } from '@metric-learning/contracts'
import type { BatchEndContext, EpochStartContext, EvalEndContext, LogEntry, Plugin, Trainer } from '@metric-learning/core'

/** Where the line goes: `process.stderr`, or anything like it. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface ProgressLineOptions {
  /** Default `process.stderr`. On a terminal one line is rewritten; elsewhere a line is added at each quarter of an epoch. */
  readonly stream?: ProgressStream
  /** Written in front. Default nothing. */
  readonly label?: string
  /** Metrics of an evaluation that are shown. Default precisionAt1 and meanAveragePrecisionAtR; a tester that has neither: all. */
  readonly metrics?: readonly string[]
}

/** Milliseconds between two looks of a terminal at the steps. */
const REFRESH = 100

/**
 * Shows how far a run is: epoch, step, loss (mean of what was logged in this epoch), samples a second, time of training that is
 * left; where steps of this epoch waited for data for more than 5 % of their time, that share, too. Evaluations are shown with
 * what they found, on a terminal also while they run.
 *
 * It reads nothing from the device: the loss is `train/loss` of `hooks.log`, looked at every `logEverySteps` steps of the trainer.
 *
 * @throws {OptionError} when an option is unknown.
 */
export function progressLine(options: ProgressLineOptions = {}): Plugin {
  expectKnownOptions('progressLine', options, ['stream', 'label', 'metrics'])
  return new ProgressLine(options)
}

class ProgressLine implements Plugin {
  readonly name = 'progressLine'
  readonly #stream: ProgressStream
  readonly #label: string
  readonly #metrics: readonly string[]
  #epochs = 0
  /** The epoch under way, since it began or was resumed. */
  #epoch = { started: 0, from: 0, samples: 0, waited: 0, losses: [] as number[] }
  /** When the terminal was written to last. */
  #shown = 0
  /** Whether the terminal's line is one that will be rewritten. */
  #isOpen = false

  constructor({ stream = process.stderr, label = '', metrics = ['precisionAt1', 'meanAveragePrecisionAtR'] }: ProgressLineOptions) {
    this.#stream = stream
    this.#label = label === '' ? '' : `${label}  `
    this.#metrics = metrics
  }

  apply({ hooks }: Trainer): void {
    const tap = { name: this.name, stage: 'report' } as const
    hooks.epochStart.tap(tap, (context) => this.#begin(context))
    hooks.log.tap(tap, (entry) => this.#log(entry))
    hooks.batchEnd.tap(tap, (context) => this.#batch(context))
    hooks.evalStart.tap(tap, ({ epoch, epochs }) => {
      this.#epochs = epochs
      if (this.#stream.isTTY) this.#rewrite(`${this.#place(epoch)}  evaluating …`)
    })
    hooks.evalEnd.tap(tap, (context) => this.#evaluation(context))
    hooks.done.tap(tap, ({ stopReason, epoch, step }) => {
      if (stopReason !== undefined) this.#line(`${this.#label}stopped in epoch ${epoch}, step ${step}: ${stopReason}`)
      else this.#leave()
    })
    hooks.failed.tap(tap, () => this.#leave())
  }

  #begin({ epochs, stepInEpoch }: EpochStartContext): undefined {
    this.#epochs = epochs
    this.#epoch = { started: performance.now(), from: stepInEpoch, samples: 0, waited: 0, losses: [] }
    this.#shown = 0
  }

  #log(entry: LogEntry): undefined {
    if (entry.kind === 'scalar' && entry.tag === 'train/loss') this.#epoch.losses.push(entry.value)
  }

  #batch(context: BatchEndContext): undefined {
    const { stepInEpoch, steps, rows, dataWait } = context
    this.#epoch.samples += rows.length
    this.#epoch.waited += dataWait
    const quarter = (step: number) => Math.floor((4 * step) / steps)
    if (stepInEpoch === steps) this.#line(this.#describe(context))
    else if (!this.#stream.isTTY && quarter(stepInEpoch) > quarter(stepInEpoch - 1)) this.#line(this.#describe(context))
    else if (this.#stream.isTTY && performance.now() - this.#shown >= REFRESH) this.#rewrite(this.#describe(context))
  }

  #describe({ epoch, stepInEpoch, steps }: BatchEndContext): string {
    const { started, from, samples, waited, losses } = this.#epoch
    const elapsed = (performance.now() - started) / 1000
    const stepsLeft = (this.#epochs - epoch + 1) * steps - stepInEpoch
    const share = waited / 1000 / elapsed
    return [
      this.#place(epoch),
      `step ${String(stepInEpoch).padStart(String(steps).length)}/${steps}`,
      ...(losses.length > 0 ? [`loss ${number(losses.reduce((sum, loss) => sum + loss, 0) / losses.length)}`] : []),
      `${Math.round(samples / elapsed)} samples/s`,
      ...(stepsLeft > 0 ? [`${duration((elapsed / (stepInEpoch - from)) * stepsLeft)} left`] : []),
      ...(share > 0.05 ? [`data wait ${Math.round(100 * share)} %`] : []),
    ].join('  ')
  }

  #evaluation({ epoch, metrics, isBest, seconds }: EvalEndContext): undefined {
    for (const [split, values] of Object.entries(metrics)) {
      const chosen = this.#metrics.filter((name) => name in values)
      const shown = (chosen.length > 0 ? chosen : Object.keys(values)).map((name) => `${name} ${number(values[name]!)}`)
      const took = seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds)
      this.#line([this.#place(epoch), split, ...shown, `in ${took}`, ...(isBest ? ['best so far'] : [])].join('  '))
    }
  }

  #place(epoch: number): string {
    return `${this.#label}epoch ${epoch}/${this.#epochs}`
  }

  /** A line that stays. */
  #line(text: string): void {
    this.#rewrite(text)
    if (this.#stream.isTTY) this.#stream.write('\n')
    this.#isOpen = false
  }

  /** A line that the next one takes the place of, on a terminal. */
  #rewrite(text: string): void {
    const { isTTY, columns = 80 } = this.#stream
    this.#stream.write(isTTY ? `\r\x1b[2K${text.slice(0, columns - 1)}` : `${text}\n`)
    this.#isOpen = true
    this.#shown = performance.now()
  }

  /** What is written next begins on a line of its own. */
  #leave(): undefined {
    if (this.#stream.isTTY && this.#isOpen) this.#stream.write('\n')
    this.#isOpen = false
  }
}

/** Four decimals; small ones in three digits. */
const number = (value: number): string => (value !== 0 && Math.abs(value) < 0.01 ? value.toPrecision(3) : value.toFixed(4))

/** Seconds as `1 h 02 min`, `3 min 05 s` or `12 s`. */
function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
  return `${whole} s`
}
