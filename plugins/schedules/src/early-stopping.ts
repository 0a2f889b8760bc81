import { expectFixedNumber, expectKnownOptions, expectNumber, expectOneOf, type Plain, type Stateful } from '@metric-learning/contracts'
import type { Plugin } from '@metric-learning/core'
import { MetricWatch } from './metric-watch.js'

export interface EarlyStoppingOptions {
  /** Tag of what is watched, such as `val/precisionAt1` or `train/loss`. */
  readonly metric: string
  /** Whether the metric gets better downwards, as a loss, or upwards, as an accuracy. */
  readonly mode: 'min' | 'max'
  /** Looks without progress in a row after which the run ends; at least 1. Default 3. */
  readonly patience?: number
  /** How much better than the best counts as progress, as a difference; at least 0. Default 0: any. */
  readonly minDelta?: number
}

interface Best {
  readonly value: number
  /** Updates that it took. */
  readonly step: number
}

/**
 * Ends a run when a metric has made no progress for `patience` looks in a row. A look is one value of the metric: an
 * evaluation, or, of what the trainer logs of its steps (`train/loss` and its terms, speed), the mean of an epoch. NaN, and no
 * value, is no progress. What it remembers is saved with the run; one that it has ended stays so when it is resumed, unless `patience` was
 * raised.
 *
 * The trainer's `stopReason` says what it waited for. Weights are those of the last step, not of the best.
 *
 * @throws {OptionError} when an option is unknown, missing or out of range, and, during the run, when the metric is not
 * among those that came.
 * @see EarlyStopping of PyTorch Lightning, where `mode` is `'min'` unless it is given.
 * @example new Trainer({ …, plugins: [tester, earlyStopping({ metric: 'val/precisionAt1', mode: 'max', patience: 5 })] })
 */
export function earlyStopping(options: EarlyStoppingOptions): Plugin & Stateful {
  expectKnownOptions('earlyStopping', options, ['metric', 'mode', 'patience', 'minDelta'])
  const { metric, mode, patience = 3, minDelta = 0 } = options
  expectOneOf('earlyStopping', 'mode', mode, ['min', 'max'])
  expectNumber('earlyStopping', 'patience', patience, { min: 1, integer: true })
  expectFixedNumber('earlyStopping', 'minDelta', minDelta, { min: 0 })
  const name = `earlyStopping ${metric}`
  let best: Best | null = null
  let waited = 0
  let stop: (reason: string) => void

  const isProgress = (value: number) =>
    Number.isFinite(value) && (best === null || (mode === 'max' ? value > best.value + minDelta : value < best.value - minDelta))
  const describe = (): string => {
    const looks = patience === 1 ? 'the last look' : `the last ${patience} looks`
    if (best === null) return `${metric} was no finite number in ${looks}`
    const direction = mode === 'max' ? 'above' : 'below'
    const distance = minDelta > 0 ? `more than ${minDelta} ${direction}` : direction
    return `${metric} was not ${distance} its best, ${Number(best.value.toPrecision(6))} at step ${best.step}, in ${looks}`
  }
  const watch = new MetricWatch('earlyStopping', metric, (value, step) => {
    if (isProgress(value)) {
      best = { value, step }
      waited = 0
      return
    }
    waited += 1
    if (waited >= patience) stop(describe())
  })

  return {
    name,
    apply(trainer) {
      stop = (reason) => trainer.stop(reason)
      watch.apply(trainer, name)
      // A run that had been stopped when it was saved, and is restored, has nothing more to do.
      trainer.hooks.setup.tap({ name, stage: 'report' }, () => {
        if (waited >= patience) stop(describe())
      })
    },
    state: () => ({ values: { best: best as Plain, waited, watch: watch.state() } }),
    restore({ values = {} }) {
      const state = values as unknown as { best: Best | null; waited: number; watch: Readonly<Record<string, Plain>> }
      ;[best, waited] = [state.best, state.waited]
      watch.restore(state.watch)
    },
  }
}
