import type { RunRecord } from '../record/run-record.js'
import { trainingTotals } from '../record/training-totals.js'
import { hasRepeats, type Method } from './method.js'

/** One line of facts under the metrics, by method. */
export interface TrainingFact {
  readonly label: string
  readonly values: readonly string[]
}

type Totals = ReturnType<typeof trainingTotals>

/**
 * What training took, by method: means over its runs, counts as they are or from the least to the most.
 *
 * @param underWay whether runs that have not ended go on, and so did not stop early. Default false: they were cut off.
 */
export function trainingFacts(methods: readonly Method[], { underWay = false, locale = 'en-GB' } = {}): TrainingFact[] {
  const totals = methods.map(({ runs }) => runs.map(trainingTotals))
  const line = (label: string, show: (totals: readonly Totals[], method: Method) => string): TrainingFact => ({
    label,
    values: totals.map((own, i) => show(own, methods[i]!)),
  })
  const integer = (value: number) => value.toLocaleString(locale)
  const facts = [
    line('Training, min', (own) => (mean(own.map(({ trainingSeconds }) => trainingSeconds)) / 60).toFixed(1)),
    line('Evaluation, s', (own) => mean(own.map(({ evaluationSeconds }) => evaluationSeconds)).toFixed(1)),
    line('Images/s', (own) => integer(Math.round(mean(own.map(({ samplesPerSecond }) => samplesPerSecond))))),
    line('Data wait, %', (own) => mean(own.map(waitPercent)).toFixed(1)),
    line('Epochs', (own, { runs }) => {
      const planned = range(runs.map(({ plannedEpochs }) => plannedEpochs), String)
      return `${range(own.map(({ completeEpochs }) => completeEpochs), String)} of ${planned}`
    }),
    line('Steps', (own) => range(own.map(({ steps }) => steps), integer)),
  ]
  const early = methods.some(({ runs }) => runs.some(({ status }) => status !== 'complete' && !(underWay && status === 'running')))
  return [
    ...(hasRepeats(methods) ? [line('Runs', (own) => String(own.length))] : []),
    ...facts,
    ...(early ? [line('Stopped early', (_, { runs }) => howTheyEnded(runs))] : []),
  ]
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const waitPercent = ({ dataWaitSeconds, trainingSeconds }: Totals): number =>
  trainingSeconds > 0 ? (100 * dataWaitSeconds) / trainingSeconds : 0

/** `5` where all are equal, `3–5` where not. */
function range(values: readonly number[], show: (value: number) => string): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? show(least) : `${show(least)}–${show(most)}`
}

const EARLY = { complete: 'no', stopped: 'yes', failed: 'failed', running: 'unfinished' } as const

function howTheyEnded(runs: readonly RunRecord[]): string {
  if (runs.length === 1) return EARLY[runs[0]!.status]
  const early = runs.filter(({ status }) => status !== 'complete').length
  return early === 0 ? 'no' : `${early} of ${runs.length}`
}

/** Why runs ended early, one sentence each; none for runs that were completed. */
export function stopNotes(runs: readonly RunRecord[]): string[] {
  return runs.flatMap(({ name, status, stopReason, epochs }) => {
    if (status === 'complete' || status === 'running') return []
    const last = epochs.at(-1)
    const when = last ? `${last.complete ? 'after' : 'in'} epoch ${last.epoch}` : 'before the first epoch'
    return [`${name} ${status} ${when}${stopReason ? `: ${stopReason}` : ''}`]
  })
}
