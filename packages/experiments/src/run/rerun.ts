import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { checkedExperiment, type ResolvedConfiguration } from '../configuration/read-configuration.js'
import { circumstances } from './circumstances.js'
import { foldsOf, splitData } from './data-splits.js'
import { experimentLock } from './experiment-folder.js'
import { readJson } from './read-json.js'
import { loadData } from './run-experiment.js'
import { finishedResult, trainRun, type RunResult } from './train-run.js'

/** What `run.json` says of a run. */
interface SavedRun {
  readonly method: string
  readonly seed: number
  readonly runSeed: number
  readonly fold?: number
  readonly trial?: number
  readonly epochs?: number
  readonly configuration: ResolvedConfiguration
}

/** The run whose folder it is; `undefined` where it is none. */
export function savedRun(folder: string): SavedRun | undefined {
  const file = join(folder, 'run.json')
  return existsSync(file) ? readJson<SavedRun>(file, 'Delete the folder of the run: its experiment trains it again.') : undefined
}

/**
 * Goes on with one run by itself; one that has ended is done again, in a folder beside it.
 *
 * @param command what it is begun by
 */
export async function rerun(folder: string, command: string, say: (line: string) => void): Promise<{ readonly folder: string; readonly result: RunResult }> {
  const { configuration: saved, ...run } = savedRun(folder)!
  const { search: _, ...protocol } = saved.protocol ?? {}
  // Its ranges are values by now: there is nothing left to search.
  const { configuration, registry } = await checkedExperiment({ ...saved, ...(saved.protocol && { protocol }) }, { who: join(folder, 'run.json'), folder })
  const backend = await useBackend(configuration.backend, { log: say })
  const place = finishedResult(folder) ? nextFolder(folder) : folder
  if (place !== folder) say(`${folder} has ended; it is done again in ${place}.`)
  const lock = experimentLock(place, say)
  await lock.take()
  try {
    const data = await loadData({ configuration, registry }, say)
    const folds = configuration.protocol && foldsOf(data, configuration.protocol)
    const split = folds ? folds.folds[run.fold ?? 0]! : splitData(data, configuration.split)
    const result = await trainRun({ ...run, folder: place, configuration }, split, {
      registry,
      circumstances: circumstances(backend, command),
      say,
      writesTensorBoard: configuration.tensorBoard ?? !configuration.protocol,
      ...(folds && run.trial === undefined && { test: folds.test }),
    })
    return { folder: place, result }
  } finally {
    await lock.release()
  }
}

/** `<folder>-2`, or the next that is free. */
export function nextFolder(folder: string): string {
  const taken = new Set(readdirSync(dirname(folder)))
  for (let i = 2; ; i++) if (!taken.has(`${basename(folder)}-${i}`)) return join(dirname(folder), `${basename(folder)}-${i}`)
}
