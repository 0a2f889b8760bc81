/** When a tap runs among those of one hook. Within a stage: the order in which plugins were given. */
export const STAGE = {
  /** Before the rest: timing, measuring. */
  measure: -10,
  default: 0,
  /** After the rest: loggers, files, progress. */
  report: 10,
  /** After all others: what saves the run as it then is. An epoch counts as ended from here on. */
  save: 20,
} as const

export type Stage = keyof typeof STAGE
