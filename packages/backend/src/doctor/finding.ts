/** `ok`; `absent`, where nothing is wrong with that; `missing`, where something better could be had; `broken`. */
export type FindingStatus = 'ok' | 'absent' | 'missing' | 'broken'

/** What the doctor found out about one thing. */
export interface Finding {
  readonly name: string
  readonly status: FindingStatus
  /** The version, the place, the time, or what is wrong. */
  readonly detail: string
  /** What to do, when something is missing or broken. */
  readonly fix?: string
}

/** All findings, and the verdict on them. */
export interface Diagnosis {
  readonly findings: readonly Finding[]
  /** The backend that `auto` takes. */
  readonly auto: string | undefined
  /** Native TensorFlow or wasm works, and nothing is broken. */
  readonly healthy: boolean
}
