import { dirname, relative, resolve, sep } from 'node:path'
import type { RunRecord } from '../record/run-record.js'
import type { Settings } from '../sections/settings-section.js'
import type { SavedRun } from './read-saved-runs.js'

/** Saved runs, ready for a report. */
export interface SavedComparison {
  /** With names of their own, and with the method that those have in common which differ in their seed alone. */
  readonly runs: readonly RunRecord[]
  /** Options that all of them had in common. */
  readonly configuration: Settings
}

/** Options that do not tell methods apart: where a run is and how it went on, which sides were compared, the seed itself. */
const APART = new Set(['seed', 'output', 'resume', 'losses'])

/**
 * Names runs of several files so that each has a name of its own. Runs of one name whose options are known, with a seed, and equal but
 * for that seed are runs of one method. Where options of runs of one name differ, the names say in what. Where they are not known, the
 * names say where the runs are, and each stands for itself, unless its `method` says otherwise.
 */
export function compareSavedRuns(saved: readonly SavedRun[]): SavedComparison {
  const titles = saved.map((run) => titleOf(run, saved))
  const runs = saved.map((run, i) => {
    const { record } = run
    const alike = saved.filter((_, other) => titles[other] === titles[i])
    if (alike.length === 1) return { ...record, name: titles[i]! }
    const method = record.method ?? (alike.every(hasSeed) ? titles[i]! : undefined)
    const seeds = alike.map(({ options }) => options?.['seed'])
    const mark = new Set(seeds).size === alike.length && hasSeed(run) ? `seed ${String(run.options!['seed'])}` : placeOf(run, alike)
    const isMarked = record.method !== undefined && alike.filter((other) => other.record.name === record.name).length === 1
    return { ...record, name: isMarked ? record.name : `${titles[i]!}, ${mark}`, ...(method !== undefined && { method }) }
  })
  return { runs, configuration: sharedOptions(saved) }
}

const hasSeed = ({ options }: SavedRun): boolean => options?.['seed'] !== undefined

/** What a run is one of: its method where it names one, else its name with what tells it from others of that name. */
function titleOf(run: SavedRun, saved: readonly SavedRun[]): string {
  if (run.record.method !== undefined) return run.record.method
  const { name } = run.record
  const others = saved.filter(({ record }) => record.name === name && record.method === undefined)
  const own = tellingOptions(run)
  const differing = [...new Set(others.flatMap((other) => Object.keys(tellingOptions(other))))].filter(
    (option) => new Set(others.map((other) => tellingOptions(other)[option])).size > 1,
  )
  const said = (option: string) => (option === 'description' ? String(own[option]) : `${option} ${String(own[option])}`)
  return [name, ...differing.flatMap((option) => (own[option] === undefined ? [] : [said(option)]))].join(', ')
}

function tellingOptions({ options = {}, record }: SavedRun): Settings {
  const { description, plannedEpochs, result } = record
  const telling = Object.entries(options).filter(([name]) => !APART.has(name))
  return { ...Object.fromEntries(telling), ...(description !== undefined && { description }), epochs: plannedEpochs, result }
}

/** The folder of a run, or its file where folders are the same, from what all of some have in common. */
function placeOf(run: SavedRun, among: readonly SavedRun[]): string {
  const folders = new Set(among.map(({ file }) => dirname(resolve(file))))
  const placed = ({ file }: SavedRun) => (folders.size === among.length ? dirname(resolve(file)) : resolve(file))
  const parts = among.map((other) => placed(other).split(sep))
  let shared = 0
  while (parts.every((own) => own.length > shared + 1 && own[shared] === parts[0]![shared])) shared++
  return relative(parts[0]!.slice(0, shared).join(sep) || sep, placed(run))
}

function sharedOptions(saved: readonly SavedRun[]): Settings {
  const [first, ...others] = saved.map(({ options = {} }) => options)
  return Object.fromEntries(Object.entries(first ?? {}).filter(([name, value]) => others.every((options) => options[name] === value)))
}
