import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OptionError } from '@metric-learning/contracts'
import type { QuickstartOptions } from './options.js'

const OPTIONS_FILE = 'options.json'

/** A run: where its files are, and with what options it began. */
export interface Run {
  readonly folder: string
  readonly options: QuickstartOptions
}

/** A folder of its own for a new run, named by time and seed: `2026-03-01T10-15-00-seed0`. Earlier runs stay. */
export function newRun(options: QuickstartOptions, now = new Date()): Run {
  const name = `${now.toISOString().slice(0, 19).replaceAll(':', '-')}-seed${options.seed}`
  mkdirSync(options.output, { recursive: true })
  const taken = new Set(readdirSync(options.output))
  let unique = name
  for (let i = 2; taken.has(unique); i++) unique = `${name}-${i}`
  const folder = join(options.output, unique)
  mkdirSync(folder)
  writeFileSync(join(folder, OPTIONS_FILE), JSON.stringify(options, null, 1))
  return { folder, options }
}

/**
 * A run that goes on, with the options that it began with; `epochs` may be others. Options that there were not when it began
 * have their defaults, under which it was run.
 *
 * @param from its folder; true: the latest below `output`
 * @throws {OptionError} when there is none, or it was no run of the quickstart.
 */
export function resumedRun(from: string | true, given: QuickstartOptions, epochsAreGiven: boolean): Run {
  const { output, epochs } = given
  const folder = from === true ? join(output, latestRun(output)) : from
  let options: QuickstartOptions
  try {
    options = JSON.parse(readFileSync(join(folder, OPTIONS_FILE), 'utf8')) as QuickstartOptions
  } catch (cause) {
    throw new OptionError({
      who: 'quickstart',
      wanted: `\`--resume\` with the folder of a run, one with ${OPTIONS_FILE}`,
      got: `${folder} (${cause instanceof Error ? cause.message : String(cause)})`,
      fix: `Name one such as ${join(output, '2026-03-01T10-15-00-seed0')}, or leave the name out for the latest.`,
      cause,
    })
  }
  return { folder, options: { ...given, ...options, ...(epochsAreGiven && { epochs }) } }
}

function latestRun(output: string): string {
  let names: string[] = []
  try {
    names = readdirSync(output).filter((name) => /^\d{4}-\d\d-\d\dT[\d-]+-seed\d+(-\d+)?$/.test(name))
  } catch {
    // No folder, no run.
  }
  const latest = names.sort().at(-1)
  if (latest !== undefined) return latest
  throw new OptionError({ who: 'quickstart', wanted: 'a run to resume', got: `none in ${output}`, fix: 'Begin one: leave `--resume` out.' })
}
