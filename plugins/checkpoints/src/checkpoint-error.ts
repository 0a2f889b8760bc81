import { MetricLearningError, type ErrorParts } from '@metric-learning/contracts'

/**
 * What is wrong with a checkpoint:
 * - `damaged`: a file is missing, cut or changed;
 * - `newer`: it was written in a newer version of the format;
 * - `unreadable`: the system does not let it be read;
 * - `unwritable`: it could not be saved, or not removed.
 */
export type CheckpointFault = 'damaged' | 'newer' | 'unreadable' | 'unwritable'

export interface CheckpointErrorParts extends ErrorParts {
  readonly kind: CheckpointFault
  /** Path of the file or folder that is at fault. */
  readonly file: string
  /** Path of the newest whole checkpoint before the one that can't be read. */
  readonly before?: string | undefined
}

/** A checkpoint that can't be read or written; says which file and why. */
export class CheckpointError extends MetricLearningError {
  readonly code = 'ML_CHECKPOINT'
  readonly kind: CheckpointFault
  /** Path of the file or folder that is at fault. */
  readonly file: string
  /** Path of the newest whole checkpoint before the one that can't be read; `undefined` when there is none. */
  readonly before: string | undefined

  constructor({ kind, file, before, ...parts }: CheckpointErrorParts) {
    super(parts)
    this.kind = kind
    this.file = file
    this.before = before
  }

  /** The same error, with the checkpoint to take instead. */
  offering(before: string | undefined): CheckpointError {
    if (before === undefined) return this
    const { kind, file, parts } = this
    return new CheckpointError({ ...parts, kind, file, before, fix: `${parts.fix} The whole one before it is ${before}.` })
  }
}

/** What the system says, in the words of a checkpoint. */
export function systemError(who: string, kind: 'unreadable' | 'unwritable', file: string, cause: unknown): CheckpointError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  // A file that a manifest names, the manifest itself, or the folder: without it the checkpoint is none.
  if (kind === 'unreadable' && (cause as NodeJS.ErrnoException).code === 'ENOENT') {
    return new CheckpointError({
      who,
      kind: 'damaged',
      file,
      wanted: `a whole checkpoint with ${file}`,
      got: 'no such file',
      fix: 'Take another checkpoint.',
      cause,
    })
  }
  return new CheckpointError({
    who,
    kind,
    file,
    wanted: kind === 'unreadable' ? `to read ${file}` : `to write ${file}`,
    got: reason,
    fix: kind === 'unreadable' ? 'See to it that the file can be read.' : 'Make room, or save to another folder; checkpoints saved before are whole.',
    cause,
  })
}
