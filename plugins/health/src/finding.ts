/** What health warns of. `emptySelection` is warned of by the trainer itself. */
export type HealthCondition = 'collapse' | 'emptySelection' | 'classesNeverSampled' | 'rateOfZero' | 'dataWait' | 'certainMetric'

/** Something that was found, and is said once a run. */
export interface HealthFinding {
  readonly condition: HealthCondition
  /** What it is about, such as the name of an optimizer or of a split; empty where that is the run. */
  readonly subject: string
  readonly epoch: number
  readonly step: number
  /** What was found, and what to do. */
  readonly message: string
}
