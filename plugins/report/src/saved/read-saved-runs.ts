import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, describeValue } from '@metric-learning/contracts'
import { embeddingsFault } from '../record/embeddings-fault.js'
import type { RunRecord } from '../record/run-record.js'
import type { Settings } from '../sections/settings-section.js'
import { conform, type Shape } from './conform.js'

/** A run that was saved. */
export interface SavedRun {
  readonly record: RunRecord
  /** The file that it was read from. */
  readonly file: string
  /** The options that its program was given, as far as they are texts, numbers and flags, or lists of these; absent where the file has none. */
  readonly options?: Settings
}

/** What was read, and what could not be. */
export interface SavedRuns {
  /** At least one. */
  readonly runs: readonly SavedRun[]
  /** Files and records that are no saved run, and why: `parts.where` is the file. */
  readonly leftOut: readonly DataError[]
}

/** Files that hold runs, by their names: what `runRecorder({ file })` and the quickstart write. */
const NAMES = ['results.json', 'record.json']

const READING = { step: 'number', epoch: 'number' } as const
const RECORD: Shape = {
  name: 'text',
  'method?': 'text',
  'description?': 'text',
  result: 'text',
  status: 'text',
  'stopReason?': 'text',
  plannedEpochs: 'number',
  epochs: [{ epoch: 'number', complete: 'flag', steps: 'number', samples: 'number', seconds: 'number', dataWaitSeconds: 'number', 'meanLoss?': 'number' }],
  losses: [{ ...READING, loss: 'number' }],
  'scalars?': { '*': [{ ...READING, value: 'number' }] },
  evaluations: [{ ...READING, tester: 'text', metrics: { '*': { '*': 'number' } }, 'reasons?': { '*': { '*': 'text' } }, isBest: 'flag', seconds: 'number' }],
  'descriptions?': { '*': { label: 'text', title: 'text', meaning: 'text', better: 'text', 'inPercent?': 'flag' } },
  'embeddings?': {
    split: 'text',
    classNames: ['text'],
    rows: ['number'],
    labels: ['number'],
    dim: 'number',
    'untrained?': ['number'],
    'trained?': ['number'],
  },
}

/**
 * Reads the runs of files and folders: of a file a record, a list of records, or an object with `runs` and, as the quickstart writes it,
 * `options`; of a folder all that is in files called `results.json` or `record.json`, at any depth. A folder with one of them is not
 * searched further. What is no saved run is left out and named, so that a file that was cut off does not keep the others from a report.
 *
 * @throws {DataError} when a path is not there or a folder has no such file, and when none of what is there is a saved run; it names the
 *   files and the places in them.
 */
export function readSavedRuns(paths: readonly string[]): SavedRuns {
  const files = new Map(paths.flatMap(filesOf).map((file) => [realpathSync(file), file]))
  const leftOut: DataError[] = []
  const runs = [...files.values()].flatMap((file) => runsOf(file, leftOut))
  if (runs.length === 0 && leftOut.length > 0) throw noneLeft(leftOut)
  return { runs, leftOut }
}

/** Files that are named where none can be read. */
const NAMED = 5

function noneLeft(leftOut: readonly DataError[]): DataError {
  if (leftOut.length === 1) return leftOut[0]!
  const named = leftOut.slice(0, NAMED).map(({ parts }) => `${parts.where} (${parts.got})`)
  const more = leftOut.length > NAMED ? ` and ${leftOut.length - NAMED} more` : ''
  const { who, wanted, fix } = leftOut[0]!.parts
  return new DataError({ who, wanted, got: `${leftOut.length} that are none: ${named.join(', ')}${more}`, fix })
}

function filesOf(path: string): string[] {
  let isFolder: boolean
  try {
    isFolder = statSync(path).isDirectory()
  } catch (cause) {
    throw new DataError({
      who: 'report',
      wanted: 'a saved run, or a folder with some',
      got: `${path}, which is not there`,
      fix: 'Name a folder such as that of a quickstart, below runs/quickstart, or the file of a `runRecorder`.',
      cause,
    })
  }
  const found = isFolder ? search(path) : [path]
  if (found.length > 0) return found
  throw new DataError({
    who: 'report',
    wanted: `a folder with saved runs: ${NAMES.join(' or ')}, at any depth`,
    got: `none in ${path}`,
    fix: 'A run writes one with `runRecorder({ file })`; that of a quickstart is there once it has ended or was stopped.',
  })
}

/** In the order of names, with numbers in them compared as numbers. */
function search(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  const own = entries.filter((entry) => entry.isFile() && NAMES.includes(entry.name)).map(({ name }) => join(folder, name))
  if (own.length > 0) return own
  return entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => search(join(folder, name)))
}

/** The runs of a file; adds to `leftOut` what is none. */
function runsOf(file: string, leftOut: DataError[]): SavedRun[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    leftOut.push(noRun(file, cause instanceof Error ? cause.message : String(cause), cause))
    return []
  }
  const { runs, options } = (typeof content === 'object' ? content : undefined) as { readonly runs?: unknown; readonly options?: unknown } ?? {}
  const isList = Array.isArray(content)
  const records = isList ? (content as unknown[]) : Array.isArray(runs) ? (runs as unknown[]) : [content]
  const settings = settingsOf(options)
  return records.flatMap((record, i) => {
    try {
      const place = isList ? `[${i}]` : Array.isArray(runs) ? `runs[${i}]` : ''
      return [{ record: recordOf(file, record, place), file, ...(settings && { options: settings }) }]
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      leftOut.push(error)
      return []
    }
  })
}

/** @param place of the record in the file; empty where it is all of it */
function recordOf(file: string, record: unknown, place: string): RunRecord {
  const refuse = (got: string): never => {
    throw noRun(file, place === '' ? got : `${place}: ${got}`)
  }
  const read = conform(record, RECORD, (field, wanted, value) => refuse(`${field === '' ? 'it' : `\`${field}\``} is ${describeValue(value)}, not ${wanted}`)) as RunRecord
  if (!['last', 'best'].includes(read.result)) refuse(`\`result\` is ${describeValue(read.result)}, not 'last' or 'best'`)
  if (!['running', 'complete', 'stopped', 'failed'].includes(read.status)) refuse(`\`status\` is ${describeValue(read.status)}`)
  const unclear = Object.entries(read.descriptions ?? {}).find(([, { better }]) => !['larger', 'smaller'].includes(better))
  if (unclear) refuse(`\`descriptions.${unclear[0]}.better\` is ${describeValue(unclear[1].better)}, not 'larger' or 'smaller'`)
  const fault = read.embeddings && embeddingsFault(read.embeddings)
  if (fault !== undefined) refuse(fault)
  return read
}

const noRun = (file: string, got: string, cause?: unknown): DataError =>
  new DataError({
    who: 'report',
    wanted: 'the record of a run, as `runRecorder` makes it, or an object with `runs` that are records',
    got,
    fix: 'Leave the file out, or write it again with `runRecorder({ file })`.',
    where: file,
    ...(cause === undefined ? {} : { cause }),
  })

function settingsOf(options: unknown): Settings | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return undefined
  const isPlain = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value)
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
      if (isPlain(value)) return [[name, value]]
      return Array.isArray(value) && value.every(isPlain) ? [[name, value.join(', ')]] : []
    }),
  )
}
