import type { RunRecord } from '../record/run-record.js'
import { trainingTotals } from '../record/training-totals.js'

/** One line of facts under the metrics, by run. */
export interface TrainingFact {
  readonly label: string
  readonly values: readonly string[]
}

/** What training took, by run. Whether runs stopped early is a line only when one did. */
export function trainingFacts(runs: readonly RunRecord[], locale = 'en-GB'): TrainingFact[] {
  const totals = runs.map(trainingTotals)
  const line = (label: string, show: (total: (typeof totals)[number], run: RunRecord) => string): TrainingFact => ({
    label,
    values: totals.map((total, i) => show(total, runs[i]!)),
  })
  const facts = [
    line('Training, min', ({ trainingSeconds }) => (trainingSeconds / 60).toFixed(1)),
    line('Evaluation, s', ({ evaluationSeconds }) => evaluationSeconds.toFixed(1)),
    line('Images/s', ({ samplesPerSecond }) => Math.round(samplesPerSecond).toLocaleString(locale)),
    line('Data wait, %', ({ dataWaitSeconds, trainingSeconds }) =>
      trainingSeconds > 0 ? ((100 * dataWaitSeconds) / trainingSeconds).toFixed(1) : '0.0',
    ),
    line('Epochs', ({ completeEpochs }, { plannedEpochs }) => `${completeEpochs} of ${plannedEpochs}`),
    line('Steps', ({ steps }) => steps.toLocaleString(locale)),
  ]
  const early = runs.some(({ status }) => status !== 'complete')
  return early ? [...facts, line('Stopped early', (_, { status }) => EARLY[status])] : facts
}

const EARLY = { complete: 'no', stopped: 'yes', failed: 'failed', running: 'unfinished' } as const

/** Why runs ended early, one sentence each; none for runs that were completed. */
export function stopNotes(runs: readonly RunRecord[]): string[] {
  return runs.flatMap(({ name, status, stopReason, epochs }) => {
    if (status === 'complete' || status === 'running') return []
    const last = epochs.at(-1)
    const when = last ? `${last.complete ? 'after' : 'in'} epoch ${last.epoch}` : 'before the first epoch'
    return [`${name} ${status} ${when}${stopReason ? `: ${stopReason}` : ''}`]
  })
}
