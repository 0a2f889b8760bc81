import { TensorBoardLoggerError } from './tensorboard-logger-error.js'

/** Wraps an error of the file system, once. */
export function ioError(who: string, wanted: string, cause: unknown): TensorBoardLoggerError {
  if (cause instanceof TensorBoardLoggerError) return cause
  return new TensorBoardLoggerError('TBL_IO', {
    who,
    wanted,
    got: cause instanceof Error ? cause.message : String(cause),
    fix: 'Check that the path exists, its permissions, and the space left on the disk.',
    cause,
  })
}
