import type { RunRecord } from './run-record.js'

/** The training of a whole run in figures. */
export interface TrainingTotals {
  readonly completeEpochs: number
  readonly steps: number
  readonly samples: number
  /** Seconds of training, evaluation not counted. */
  readonly trainingSeconds: number
  readonly evaluationSeconds: number
  /** Seconds of training in which steps waited for their data. */
  readonly dataWaitSeconds: number
  /** Over all of training; 0 before the first step. */
  readonly samplesPerSecond: number
}

/** Adds up the epochs and evaluations of a run. */
export function trainingTotals({ epochs, evaluations }: RunRecord): TrainingTotals {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const samples = sum(epochs.map((epoch) => epoch.samples))
  const trainingSeconds = sum(epochs.map((epoch) => epoch.seconds))
  return {
    completeEpochs: epochs.filter(({ complete }) => complete).length,
    steps: sum(epochs.map((epoch) => epoch.steps)),
    samples,
    trainingSeconds,
    evaluationSeconds: sum(evaluations.map((evaluation) => evaluation.seconds)),
    dataWaitSeconds: sum(epochs.map((epoch) => epoch.dataWaitSeconds)),
    samplesPerSecond: trainingSeconds > 0 ? samples / trainingSeconds : 0,
  }
}
