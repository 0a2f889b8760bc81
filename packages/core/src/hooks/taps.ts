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

/** Who taps, and when among the taps of the same hook. */
export interface TapOptions {
  /** Name of the plugin; shown in errors. */
  readonly name: string
  /** Default `'default'`. */
  readonly stage?: Stage
}

/**
 * A hook whose taps run one after the other and give nothing back.
 * The callback returns `undefined`, so that TypeScript rejects an `async` one.
 */
export interface SyncTaps<Context> {
  tap(options: TapOptions, callback: (context: Context) => undefined): void
}

/** A hook whose taps each take the context and return what of it is another for the next tap. */
export interface WaterfallTaps<Context> {
  tap(options: TapOptions, callback: (context: Context) => Partial<Context>): void
}

/** A hook whose taps run one after the other; promises are awaited. */
export interface AsyncTaps<Context> {
  tap(options: TapOptions, callback: (context: Context) => undefined): void
  tapPromise(options: TapOptions, callback: (context: Context) => Promise<void>): void
}

/** Who is asked, and how often within an epoch. */
export interface AskingTapOptions extends TapOptions {
  /** Steps from one question to the next, counted over the whole run: asked within epochs, too, when a step that ends none is a multiple. Default: not within. */
  readonly everySteps?: number
  /** Asked with the weights that training changes, also where a plugin keeps averages of them, with which all others are asked. Default false. */
  readonly rawWeights?: boolean
}

/** A hook whose taps run one after the other, and may each give something back; promises are awaited. */
export interface AskingTaps<Context, Answer> {
  tap(options: AskingTapOptions, callback: (context: Context) => Answer | undefined): void
  tapPromise(options: AskingTapOptions, callback: (context: Context) => Promise<Answer | undefined>): void
}
