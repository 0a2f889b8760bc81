import { expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import type { BatchEndContext } from '../hooks/contexts.js'
import type { Plugin } from '../plugins/plugin.js'

/** Where the line goes: `process.stderr`, or anything like it. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface ProgressLineOptions {
  /** Default `process.stderr`. On a terminal one line is rewritten; elsewhere a line is added at a quarter of each epoch. */
  readonly stream?: ProgressStream
  /** Steps between two looks at the loss; each look waits for the device. Default 20. */
  readonly everySteps?: number
  /** Written in front. Default nothing. */
  readonly label?: string
}

/**
 * Shows how far a run is: epoch, step, loss (mean of the looks in this epoch), samples a second, time to the end. Where
 * steps of this epoch waited for data for more than 5 % of their time, that share, too.
 */
export function progressLine(options: ProgressLineOptions = {}): Plugin {
  expectKnownOptions('progressLine', options, ['stream', 'everySteps', 'label'])
  const { stream = process.stderr, everySteps = 20, label = '' } = options
  expectNumber('progressLine', 'everySteps', everySteps, { min: 1, integer: true })
  const name = 'progressLine'
  let epochs = 0
  let started = 0
  let looks: number[] = []
  /** Milliseconds that steps of this epoch waited for data. */
  let waited = 0

  const show = (text: string, last: boolean) => {
    if (stream.isTTY) stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 80) - 1)}${last ? '\n' : ''}`)
    else stream.write(`${text}\n`)
  }
  const describe = ({ trainer, epoch, stepInEpoch, steps }: BatchEndContext): string => {
    const elapsed = (performance.now() - started) / 1000
    const rate = (stepInEpoch * trainer.options.sampler.batchSize) / elapsed
    const left = (elapsed / stepInEpoch) * ((epochs - epoch + 1) * steps - stepInEpoch)
    const share = waited / 1000 / elapsed
    const mean = looks.reduce((sum, loss) => sum + loss, 0) / looks.length
    return [
      `${label ? `${label}  ` : ''}epoch ${epoch}/${epochs}`,
      `step ${String(stepInEpoch).padStart(String(steps).length)}/${steps}`,
      `loss ${mean.toFixed(4)}`,
      `${Math.round(rate)} samples/s`,
      `${duration(left)} left`,
      ...(share > 0.05 ? [`data wait ${Math.round(100 * share)} %`] : []),
    ].join('  ')
  }

  return {
    name,
    apply({ hooks }) {
      hooks.epochStart.tap({ name, stage: 'report' }, (context) => {
        epochs = context.epochs
        started = performance.now()
        looks = []
        waited = 0
      })
      hooks.batchEnd.tapPromise({ name, stage: 'report' }, async (context) => {
        const { stepInEpoch, steps, dataWait } = context
        waited += dataWait
        const last = stepInEpoch === steps
        if (stepInEpoch % everySteps !== 0 && !last) return
        looks.push(await context.loss())
        const quarter = Math.floor((4 * stepInEpoch) / steps) > Math.floor((4 * Math.max(0, stepInEpoch - everySteps)) / steps)
        if (stream.isTTY || quarter || last) show(describe(context), last)
      })
      hooks.done.tap({ name, stage: 'report' }, ({ stopReason, epoch, step }) => {
        if (stopReason !== undefined) show(`${label ? `${label}  ` : ''}stopped in epoch ${epoch}, step ${step}: ${stopReason}`, true)
      })
    },
  }
}

/** Seconds as `1 h 02 min`, `3 min 05 s` or `12 s`. */
function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
  return `${whole} s`
}
