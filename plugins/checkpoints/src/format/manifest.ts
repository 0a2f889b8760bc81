import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CheckpointError } from '../checkpoint-error.js'
import type { Plain } from '@metric-learning/contracts'
import { decodePlain, encodePlain } from './plain-json.js'

export const MANIFEST = 'manifest.json'
const FORMAT = 'metric-learning-checkpoint'
/** Version of the format that is written; docs/checkpoint-format.md tells what changed when. */
export const FORMAT_VERSION = 1
const LIBRARY = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version

/** Where a run stood. */
export interface CheckpointPosition {
  /** Epochs that had ended. */
  readonly epoch: number
  /** Batches done in the epoch under way. */
  readonly batch: number
  /** Updates so far. */
  readonly step: number
}

/** What a checkpoint says of itself. */
export interface CheckpointInfo {
  readonly position: CheckpointPosition
  /** What was measured at this very step, by tag, such as `heldOut/precisionAt1`. */
  readonly metrics: Readonly<Record<string, number>>
  /** When it was saved. */
  readonly time: Date
  /** Version of `@metric-learning/checkpoints` that wrote it. */
  readonly library: string
}

interface FileFacts {
  /** Bytes. */
  readonly size: number
  /** Of its bytes, hexadecimal. */
  readonly sha256: string
}

export interface Manifest extends CheckpointInfo {
  /** All other files of the checkpoint by name. */
  readonly files: Readonly<Record<string, FileFacts>>
}

/** What stands behind the digits of the checksum. */
const TAIL = '"\n}\n'
const DIGITS = 64

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** The text of a manifest. Its last entry is the SHA-256 of all bytes before that checksum's first digit. */
export function encodeManifest({ position, metrics, time, files }: Omit<Manifest, 'library'>): string {
  const { epoch, batch, step } = position
  const body = {
    format: FORMAT,
    version: FORMAT_VERSION,
    library: LIBRARY,
    time: time.toISOString(),
    position: { epoch, batch, step },
    metrics: JSON.parse(encodePlain(metrics)) as unknown,
    files,
    sha256: '0'.repeat(DIGITS),
  }
  const head = `${JSON.stringify(body, null, 2)}\n`.slice(0, -DIGITS - TAIL.length)
  return head + sha256(head) + TAIL
}

/**
 * Reads the bytes of a manifest.
 *
 * @param file its path, for messages
 * @throws {CheckpointError} when a byte was changed or is missing, or the format is newer.
 */
export function decodeManifest(file: string, bytes: Buffer): Manifest {
  const end = bytes.length - DIGITS - TAIL.length
  const isWhole = end > 0 && bytes.toString('latin1', end) === sha256(bytes.subarray(0, end)) + TAIL
  if (!isWhole) throw damaged(file, `${bytes.length} bytes that do not have its checksum`)
  const manifest = parsed(bytes)
  if (manifest?.['format'] !== FORMAT || typeof manifest['version'] !== 'number') throw damaged(file, 'one of something else')
  const { version, library } = manifest
  if (version > FORMAT_VERSION) {
    throw new CheckpointError({
      who: 'Checkpoint',
      kind: 'newer',
      file,
      wanted: `a checkpoint of format version ${FORMAT_VERSION} in ${file}`,
      got: `version ${version}, written by ${String(library)}`,
      fix: 'Install a newer @metric-learning/checkpoints.',
    })
  }
  if (!isManifest(manifest)) throw damaged(file, 'one that lacks what it has to say')
  const { position, metrics, time, files } = manifest
  return { position, metrics: decodePlain(JSON.stringify(metrics)) as Record<string, number>, time: new Date(time), library: String(library), files }
}

function parsed(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

interface WrittenManifest extends Pick<Manifest, 'position' | 'files'> {
  readonly metrics: Plain
  readonly time: string
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function isManifest(value: object): value is WrittenManifest {
  const { position, metrics, time, files } = value as Record<string, unknown>
  return (
    isRecord(position) &&
    [position['epoch'], position['batch'], position['step']].every((count) => Number.isSafeInteger(count)) &&
    isRecord(metrics) &&
    typeof time === 'string' &&
    isRecord(files) &&
    Object.entries(files).every(
      ([name, facts]) => /^\w[\w.-]*$/.test(name) && isRecord(facts) && typeof facts['size'] === 'number' && typeof facts['sha256'] === 'string',
    )
  )
}

/** A file that is not as it was written. */
export function damaged(file: string, got: string, cause?: unknown): CheckpointError {
  return new CheckpointError({
    who: 'Checkpoint',
    kind: 'damaged',
    file,
    wanted: `${file} as it was saved`,
    got,
    fix: 'Take another checkpoint.',
    cause,
  })
}
