/** The stable codes of {@link TensorBoardLoggerError}. */
export type TensorBoardLoggerErrorCode =
  /** An argument that TensorBoard could not show: an empty tag or one of another kind, no number, a step that is no integer, bytes that are no PNG. */
  | 'TBL_ARGUMENT'
  /** An entry for a writer that is closed. */
  | 'TBL_CLOSED'
  /** More entries wait for the disk than the writer may hold. */
  | 'TBL_BUFFER_FULL'
  /** A file or folder that cannot be read or written; `cause` is the error of the system. */
  | 'TBL_IO'
  /** More than the embedding projector of TensorBoard can show. */
  | 'TBL_PROJECTOR_LIMIT'
  /** An event file that is damaged. */
  | 'TBL_RECORD'

/** The parts of a message. */
export interface TensorBoardLoggerErrorParts {
  /** Who complains: a class, a function. */
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

/** Every error that this package throws. The message reads `who: wanted …, got …. fix.`; `code` is meant for programs. */
export class TensorBoardLoggerError extends Error {
  override readonly name = 'TensorBoardLoggerError'

  constructor(
    readonly code: TensorBoardLoggerErrorCode,
    readonly parts: TensorBoardLoggerErrorParts,
  ) {
    const { who, wanted, got, fix, cause } = parts
    super(`${who}: wanted ${wanted}, got ${got}. ${fix}`, cause === undefined ? undefined : { cause })
  }
}
