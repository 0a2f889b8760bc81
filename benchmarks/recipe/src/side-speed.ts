/** What a side prints. */
export interface SideSpeed {
  readonly imagesPerSecond: number
  readonly steps: number
  /** Of a checkpoint, in seconds; of the whole recipe alone. */
  readonly checkpointSeconds?: number
}

/** Steps between two checkpoints of the recipe. */
export const CHECKPOINT_EVERY = 200

/** What was measured: steps with what belongs to them, and a checkpoint, where the side writes them. */
export interface MeasuredSteps {
  readonly steps: number
  readonly batchSize: number
  readonly seconds: number
  readonly checkpointSeconds?: number
}

/** Images a second, each step with its share of a checkpoint. */
export function sideSpeed({ steps, batchSize, seconds, checkpointSeconds }: MeasuredSteps): SideSpeed {
  const whole = seconds + (checkpointSeconds ?? 0) * (steps / CHECKPOINT_EVERY)
  return { imagesPerSecond: (steps * batchSize) / whole, steps, ...(checkpointSeconds !== undefined && { checkpointSeconds }) }
}
