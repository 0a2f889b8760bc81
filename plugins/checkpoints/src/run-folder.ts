import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CheckpointError, systemError } from './checkpoint-error.js'
import { expectWhole, readManifest } from './format/checkpoint-files.js'
import type { CheckpointInfo, CheckpointPosition } from './format/manifest.js'

/** A checkpoint of a run's folder, as far as it can be told without reading all of it. */
export interface ListedCheckpoint {
  /** Its path. */
  readonly folder: string
  /** What it says of itself; `undefined` when it is damaged or of a newer format. */
  readonly info: CheckpointInfo | undefined
  /** Why there is no `info`. */
  readonly error: CheckpointError | undefined
}

/** The checkpoint with the best value of a metric. */
export interface BestOf {
  /** Tag of the metric, such as `heldOut/precisionAt1`. */
  readonly metric: string
  /** Whether more or less of it is better. */
  readonly mode: 'max' | 'min'
}

const NAME = /^checkpoint-(\d+)(-|$)/
const numberOf = (folder: string): number => Number(NAME.exec(basename(folder))?.[1])

/** Paths of a run's checkpoints, whatever state they are in, in the order in which they were saved. */
async function checkpointFolders(runFolder: string): Promise<readonly string[]> {
  try {
    const folders = (await readdir(runFolder)).filter((name) => NAME.test(name)).map((name) => join(runFolder, name))
    return folders.sort((a, b) => numberOf(a) - numberOf(b))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw systemError('listCheckpoints', 'unreadable', runFolder, error)
  }
}

/** Path for the next checkpoint of a run: `checkpoint-<number>-epoch-<epochs ended>-batch-<batches of the next>`. Numbers count on. */
export async function nextCheckpointFolder(runFolder: string, { epoch, batch }: CheckpointPosition): Promise<string> {
  const last = (await checkpointFolders(runFolder)).at(-1)
  const number = last === undefined ? 1 : numberOf(last) + 1
  return join(runFolder, `checkpoint-${String(number).padStart(6, '0')}-epoch-${epoch}-batch-${batch}`)
}

/**
 * The checkpoints of a run, in the order in which they were saved: those that are whole as far as manifest and sizes tell, and
 * those that are not, with the reason. No folder means no checkpoint. Left-overs of killed saves are not among them.
 *
 * @throws {CheckpointError} of kind `unreadable` when the folder can't be read.
 */
export async function listCheckpoints(runFolder: string): Promise<readonly ListedCheckpoint[]> {
  const listed: ListedCheckpoint[] = []
  for (const folder of await checkpointFolders(runFolder)) {
    try {
      listed.push({ folder, info: await readManifest(folder), error: undefined })
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error
      listed.push({ folder, info: undefined, error })
    }
  }
  return listed
}

/**
 * Path of a run's newest whole checkpoint, each byte of it checked; `undefined` when the run has none at all.
 *
 * @param onPassedOver told of each newer one that is damaged, in the order in which they are looked at
 * @throws {CheckpointError} when all there are are damaged, which it says, or when a newer version of the format comes first: going on from
 * an older checkpoint would lose what the newer version did.
 */
export async function latestCheckpoint(runFolder: string, onPassedOver?: (error: CheckpointError) => void): Promise<string | undefined> {
  const folders = await checkpointFolders(runFolder)
  let first: CheckpointError | undefined
  for (const folder of [...folders].reverse()) {
    try {
      await expectWhole(folder)
      return folder
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error
      if (error.kind === 'newer') throw error.offering(await wholeOneBefore(resolve(folder)))
      first ??= error
      onPassedOver?.(error)
    }
  }
  if (first) throw folders.length === 1 ? first : noneWhole(runFolder, folders.length, first)
  return undefined
}

const noneWhole = (runFolder: string, count: number, newest: CheckpointError): CheckpointError =>
  new CheckpointError({
    who: 'latestCheckpoint',
    kind: newest.kind,
    file: newest.file,
    wanted: `a whole checkpoint in ${runFolder}`,
    got: `none, of ${count}; of the newest: ${newest.message}`.replace(/\.$/, ''),
    fix: 'What is wrong with each is told by `listCheckpoints`. Begin a new run in another folder.',
    cause: newest,
  })

/** Path of a run's whole checkpoint with the best value of a metric, the earliest of equal ones; `undefined` when none has the metric. */
export async function bestCheckpoint(runFolder: string, best: BestOf): Promise<string | undefined> {
  for (const { folder } of ranked(await listCheckpoints(runFolder), best)) if (await isWhole(folder)) return folder
  return undefined
}

/** Those that have the metric, best first, the earlier of equal ones first. */
export function ranked(listed: readonly ListedCheckpoint[], { metric, mode }: BestOf): readonly ListedCheckpoint[] {
  const valueOf = ({ info }: ListedCheckpoint) => (info?.metrics[metric] ?? NaN) * (mode === 'max' ? -1 : 1)
  return listed.filter((one) => !Number.isNaN(valueOf(one))).sort((a, b) => valueOf(a) - valueOf(b))
}

/** Runs `work` on a checkpoint. When it is damaged, the error names the newest whole one that was saved before it. */
export async function offeringTheOneBefore<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof CheckpointError ? error.offering(await wholeOneBefore(resolve(folder)).catch(() => undefined)) : error
  }
}

async function wholeOneBefore(folder: string): Promise<string | undefined> {
  const before = (await checkpointFolders(dirname(folder))).filter((other) => numberOf(other) < numberOf(folder))
  for (const other of [...before].reverse()) if (await isWhole(other)) return other
  return undefined
}

async function isWhole(folder: string): Promise<boolean> {
  try {
    await expectWhole(folder)
    return true
  } catch (error) {
    if (error instanceof CheckpointError) return false
    throw error
  }
}
