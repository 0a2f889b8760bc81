/** The stable codes of {@link CreatePluginError}. */
export type CreatePluginErrorCode =
  /** An option that is unknown, missing or of the wrong kind. */
  | 'CPL_OPTION'
  /** None of the kinds of plugins. */
  | 'CPL_KIND'
  /** A name that npm does not take, that no name of a class follows from, or that what the part is made with has. */
  | 'CPL_NAME'
  /** A folder or file that is there already, or a folder that is no project. */
  | 'CPL_EXISTS'
  | 'CPL_NO_PROJECT'
  /** What cannot be read or written; `cause` is the error of the system. */
  | 'CPL_IO'

/** The parts of a message. */
export interface CreatePluginErrorParts {
  /** Who complains: a function. */
  readonly who: string
  /** What was wanted. */
  readonly wanted: string
  /** What came instead. */
  readonly got: string
  /** What to do next. */
  readonly fix: string
  /** The error underneath, when there is one. */
  readonly cause?: unknown
}

/** Every error that this package throws. The message reads `who: wanted …, got …. fix`; `code` is meant for programs. */
export class CreatePluginError extends Error {
  override readonly name = 'CreatePluginError'

  constructor(
    readonly code: CreatePluginErrorCode,
    readonly parts: CreatePluginErrorParts,
  ) {
    const { who, wanted, got, fix, cause } = parts
    super(`${who}: wanted ${wanted}, got ${got}. ${fix}`, cause === undefined ? undefined : { cause })
  }
}
