import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { OptionError } from '@metric-learning/contracts'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { parse } from 'yaml'
import { checkedExperiment, readConfiguration, type Experiment } from '../configuration/read-configuration.js'
import { savedExperiment, type ExperimentKind } from '../run/experiment-folder.js'
import { readResults } from '../run/results.js'
import { runExperiment, type ExperimentOptions } from '../run/run-experiment.js'
import { nextFolder, rerun, savedRun } from '../run/rerun.js'
import { writeTables } from '../report/write-tables.js'
import { writeExperimentReport } from '../report/experiment-report.js'
import { listParts } from './list-parts.js'

type Say = (line: string) => void

/** npm runs scripts in the folder of package.json; a path is meant from where the command was typed. */
const place = (path: string) => resolve(process.env['INIT_CWD'] ?? '.', path)

const commandLine = () => ['metric-learning', ...process.argv.slice(2)].join(' ')

interface ExperimentFlags {
  readonly output?: string
  readonly set: Readonly<Record<string, unknown>>
  readonly jobs: number
}

/**
 * Adds `run`, `sweep`, `report` and `list` to a command line.
 *
 * @param command of commander
 * @param say told in a line what is being done
 */
export function addExperimentCommands(command: Command, say: Say): void {
  const experiment = (name: string, what: string) =>
    command
      .command(name)
      .description(what)
      .option('-o, --output <folder>', 'where it goes (default: runs/<name of the experiment>)')
      .addOption(new Option('--set <path=value>', 'another value of a field, such as epochs=2 or protocol.folds=3; may be given several times').argParser(assignment).default({}, 'those of the file'))
      .option('-j, --jobs <count>', 'runs that are trained at the same time, each in a process of its own', integer, 1)
      .helpOption('-h, --help', 'show this')
  experiment('run', 'Trains each method of a configuration without `protocol` once with each seed; or, given the folder of an experiment or a run, goes on with it, and does it again where it has ended.')
    .argument('<config or folder>', 'a file in YAML or JSON, a module, or a folder')
    .action((path: string, flags: ExperimentFlags) => runCommand(place(path), flags, say))
  experiment('sweep', 'Cross-validates the methods of a configuration with `protocol`, and searches for values of its ranges; goes on with a sweep that was cut off.')
    .argument('<configs...>', 'files in YAML or JSON, or modules; several are done one after the other')
    .action(async (paths: readonly string[], flags: ExperimentFlags) => {
      if (paths.length > 1 && flags.output !== undefined) throw new OptionError({ who: 'sweep', wanted: 'no --output with several configurations', got: flags.output, fix: 'Each goes into runs/<its name>.' })
      for (const path of paths) await begin('sweep', place(path), flags, say)
    })
  command
    .command('report')
    .description('One HTML page of experiments, with tables to copy in Markdown and LaTeX, also of ones that have not ended; or of runs that were saved one by one.')
    .argument('<folders...>', 'all of experiments, or all of other runs')
    .option('-o, --output <file>', 'where it goes (default: report.html in the first folder)')
    .option('--title <text>', 'its heading (default: names of the experiments or folders)')
    .option('--seed <seed>', 'what is drawn for pictures follows from it', integer, 0)
    .helpOption('-h, --help', 'show this')
    .action(async (folders: readonly string[], options: { readonly output?: string; readonly title?: string; readonly seed: number }) => {
      const file = await writeExperimentReport(folders.map(place), { ...options, output: place(options.output ?? join(folders[0]!, 'report.html')), say })
      process.stdout.write(`Report: ${file}\n`)
    })
  command
    .command('list')
    .description('What a configuration can name: kinds of parts, the parts of a kind, or the options of a part with their defaults.')
    .argument('[kind or name]', 'such as losses, or ArcFaceLoss, or a part of your own: @acme/losses#SpreadLoss')
    .helpOption('-h, --help', 'show this')
    .action(async (name?: string) => {
      process.stdout.write(`${await listParts(name, place('.'))}\n`)
    })
}

async function runCommand(path: string, flags: ExperimentFlags, say: Say): Promise<void> {
  if (!existsSync(path) || !statSync(path).isDirectory()) return begin('run', path, flags, say)
  if (flags.output !== undefined || Object.keys(flags.set).length > 0) {
    throw new OptionError({ who: 'run', wanted: 'no --output and no --set with a folder', got: 'one', fix: 'A folder goes on as it began; name a configuration for another experiment.' })
  }
  const saved = savedExperiment(path)
  if (!saved) {
    if (!savedRun(path)) throw new OptionError({ who: 'run', wanted: 'the folder of an experiment or a run: one with experiment.json or run.json', got: `${path} with ${readdirSync(path).slice(0, 5).join(', ') || 'nothing'}`, fix: 'Name such a folder, or a configuration.' })
    if (flags.jobs !== 1) throw new OptionError({ who: 'run', wanted: 'no --jobs with the folder of one run', got: String(flags.jobs), fix: 'Leave it out.' })
    const result = await rerun(path, commandLine(), say)
    process.stdout.write(`${JSON.stringify(result.result)}\nFolder: ${result.folder}\n`)
    return
  }
  const experiment = await checkedExperiment(saved.configuration, { who: join(path, 'experiment.json'), folder: path })
  const again = readResults(path) ? nextFolder(path) : path
  if (again !== path) say(`${path} has ended; it is done again in ${again}.`)
  await finish(experiment, { kind: saved.kind, folder: again, jobs: flags.jobs, command: commandLine(), say })
}

async function begin(kind: ExperimentKind, file: string, { output, set, jobs }: ExperimentFlags, say: Say): Promise<void> {
  const experiment = await readConfiguration(file, set)
  const folder = place(output ?? join('runs', experiment.configuration.name))
  await finish(experiment, { kind, folder, jobs, command: commandLine(), say })
}

async function finish(experiment: Experiment, options: ExperimentOptions): Promise<void> {
  const { folder } = options
  const results = await runExperiment(experiment, options)
  const tables = await writeTables(folder, results, experiment.configuration)
  process.stdout.write(`\n${tables}\nResults: ${join(folder, 'results.jsonl')}, tables.md, tables.tex\nReport:  npx metric-learning report ${/\s/.test(folder) ? `'${folder}'` : folder}\n`)
}

function assignment(text: string, before: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const [, path, value] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? []
  if (path === undefined) throw new InvalidArgumentError('wanted path=value.')
  return { ...before, [path]: parse(value!) as unknown }
}

function integer(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value)) throw new InvalidArgumentError('wanted an integer.')
  return value
}
