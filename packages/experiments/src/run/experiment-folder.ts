import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FolderLock } from '@metric-learning/checkpoints'
import { OptionError } from '@metric-learning/contracts'
import { writeWhole } from '@metric-learning/page'
import type { ResolvedConfiguration } from '../configuration/read-configuration.js'
import type { Circumstances } from './circumstances.js'
import { readJson } from './read-json.js'

/** What is done with an experiment: one split, or cross-validation. */
export type ExperimentKind = 'run' | 'sweep'

/** What `experiment.json` says. */
export interface SavedExperiment extends Circumstances {
  readonly kind: ExperimentKind
  readonly configuration: ResolvedConfiguration
  /** {@link fingerprint} of its data; absent of experiments of before there was one. */
  readonly data?: string
}

const FILE = 'experiment.json'

/** The experiment whose folder it is; `undefined` where it is none. @throws {DataError} when its file can't be read. */
export function savedExperiment(folder: string): SavedExperiment | undefined {
  const file = join(folder, FILE)
  if (!existsSync(file)) return undefined
  return readJson(file, 'Begin the experiment in another folder.')
}

/**
 * Runs `work` while a folder is this experiment's alone: a new one, or one that the same experiment began. It becomes the folder of this
 * experiment when `work` calls `begin` with the fingerprint of its data: one that is refused for its data or its parts leaves it to others.
 *
 * @throws {StateError} when another process works there. @throws {OptionError} when it has another experiment, or had other data.
 */
export async function inExperimentFolder<T>(folder: string, experiment: SavedExperiment, say: (line: string) => void, work: (begin: (data: string) => Promise<void>) => Promise<T>): Promise<T> {
  const lock = experimentLock(folder, say)
  await lock.take()
  try {
    const saved = savedExperiment(folder)
    if (saved) {
      expectSame(folder, saved, experiment)
      for (const name of ['revision', 'machine'] as const) if (saved[name] !== experiment[name]) say(`${name} was ${saved[name] ?? 'unknown'} when this experiment began, and is ${experiment[name] ?? 'unknown'}.`)
    }
    return await work(async (data) => {
      if (!saved) await writeWhole('experiment', join(folder, FILE), JSON.stringify({ ...experiment, data }, null, 1))
      else if (isOtherData(saved, data)) throw otherData(folder)
    })
  } finally {
    await lock.release()
  }
}

/** Whether an experiment began with other data than there are now, as far as is known. */
export const isOtherData = ({ data }: SavedExperiment, now: string): boolean => data !== undefined && data !== now

/** Runs of before would stand beside others in one table, and embeddings of before would be taken for those of other samples. */
const otherData = (folder: string): OptionError =>
  new OptionError({
    who: 'experiment',
    wanted: `the data that the experiment in ${folder} began with`,
    got: 'other classes or samples',
    fix: 'Put the data back as they were; or name another folder with --output.',
  })

/** Keeps a folder for one experiment at a time. */
export const experimentLock = (folder: string, say: (line: string) => void): FolderLock =>
  new FolderLock('experiment', folder, say, undefined, { holder: 'experiment', instead: 'End it first, or pass another folder with --output.' })

function expectSame(folder: string, saved: SavedExperiment, now: SavedExperiment): void {
  const path = saved.kind === now.kind ? difference(saved.configuration, now.configuration) : 'kind'
  if (path === undefined) return
  throw new OptionError({
    who: 'experiment',
    wanted: `the experiment that began in ${folder}`,
    got: path === 'kind' ? `a ${now.kind}, where there is a ${saved.kind}` : `one with another \`${path}\``,
    fix: `Name another folder with --output, or go on with that one: metric-learning run ${folder}.`,
  })
}

/** The path of the first field in which two values differ. */
function difference(one: unknown, other: unknown, path: readonly string[] = []): string | undefined {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return Object.is(one, other) ? undefined : path.join('.')
  const [first, second] = [one, other] as [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]
  for (const key of new Set([...Object.keys(first), ...Object.keys(second)])) {
    const found = difference(first[key], second[key], [...path, key])
    if (found !== undefined) return found
  }
  return undefined
}
