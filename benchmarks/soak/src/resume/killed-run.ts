import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PLACES } from '../soak-run.js'
import type { KillMoment } from './kill-moment.js'
import { runUntil, type RunRequest } from './run-until.js'

/** What happened to a run on its way. */
export interface KilledRun {
  /** The moments in which it was killed; those that did not come before its end are not among them. */
  readonly moments: readonly KillMoment[]
  /** How many of them left a checkpoint that was half written or half removed. */
  readonly halfSaves: number
}

/** Kills a run at one moment after the other, each in a process of its own, and lets it go on to its end. */
export async function killedRun(request: RunRequest, planned: readonly KillMoment[]): Promise<KilledRun> {
  const moments: KillMoment[] = []
  let halfSaves = 0
  for (const moment of planned) {
    if (await runUntil(request, moment)) return { moments, halfSaves }
    moments.push(moment)
    const names = await readdir(join(request.folder, PLACES.checkpoints)).catch((): string[] => [])
    if (names.some((name) => /^\..+\.(saving|removing)$/.test(name))) halfSaves += 1
  }
  await runUntil(request)
  return { moments, halfSaves }
}
