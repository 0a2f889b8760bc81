import { ranked, type BestOf, type ListedCheckpoint } from './run-folder.js'

/** Which checkpoints are kept for being good. */
export interface KeepBest extends BestOf {
  /** How many. Default 1. */
  readonly count?: number
}

/**
 * The whole checkpoints that go: all but the last `keepLast` and the best `keepBest.count`. Damaged ones, and those of a newer
 * format, stay: there may be something to save in them.
 */
export function superfluous(listed: readonly ListedCheckpoint[], keepLast: number, keepBest: KeepBest | undefined): readonly ListedCheckpoint[] {
  const whole = listed.filter(({ info }) => info !== undefined)
  const kept = new Set([...whole.slice(-keepLast), ...(keepBest ? ranked(whole, keepBest).slice(0, keepBest.count ?? 1) : [])])
  return whole.filter((one) => !kept.has(one))
}

/** Whether a value would be among the best of what there is. Of equal values the earlier ones count more. */
export function isAmongBest(value: number | undefined, listed: readonly ListedCheckpoint[], keepBest: KeepBest): boolean {
  if (value === undefined || Number.isNaN(value)) return false
  const { metric, mode, count = 1 } = keepBest
  const isAsGood = (other: number) => (mode === 'max' ? other >= value : other <= value)
  return ranked(listed, keepBest).filter(({ info }) => isAsGood(info!.metrics[metric]!)).length < count
}
