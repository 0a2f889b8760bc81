import type { EvaluationRecord, RunRecord } from './run-record.js'

/** The evaluation of `split` before training; `undefined` when there was none. */
export function untrainedEvaluation(run: RunRecord, split: string): EvaluationRecord | undefined {
  return run.evaluations.find((evaluation) => evaluation.epoch === 0 && split in evaluation.metrics)
}

/**
 * The evaluation of `split` that counts as the result of a run: the last one after training, or for
 * runs recorded with `result: 'best'` the best one (the last, should none have beaten the untrained
 * model). `undefined` when nothing was evaluated after training began.
 */
export function finalEvaluation(run: RunRecord, split: string): EvaluationRecord | undefined {
  const evaluations = run.evaluations.filter((evaluation) => evaluation.epoch > 0 && split in evaluation.metrics)
  const best = run.result === 'best' ? evaluations.filter(({ isBest }) => isBest).at(-1) : undefined
  return best ?? evaluations.at(-1)
}
