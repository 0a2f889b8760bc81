#!/usr/bin/env node
import { resolve } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { isMetricLearningError } from '@metric-learning/contracts'
import { Command, InvalidArgumentError } from 'commander'
import { comparisonTable } from '../comparison/comparison-table.js'
import { methodsOf } from '../comparison/method.js'
import { compareSavedRuns } from '../saved/compare-saved-runs.js'
import { readSavedRuns } from '../saved/read-saved-runs.js'
import { writeReport } from '../write-report.js'

interface Options {
  readonly output: string
  readonly title?: string
  readonly seed: number
}

const command = new Command('metric-learning-report')
  .description('One HTML report of saved runs. Runs of one name that differ in their seed alone are shown as one, by mean and standard deviation.')
  .argument('<runs...>', 'folders, searched for results.json and record.json, or such files')
  .option('-o, --output <file>', 'where the report goes', 'report.html')
  .option('--title <text>', 'its heading (default: the names of what is compared)')
  .option('--seed <seed>', 'which classes are shown, and the projection, follow from it', integer, 0)
  .helpOption('-h, --help', 'show this')
  .addHelpText('after', '\nExample:\n  metric-learning-report runs/quickstart --output runs/report.html')
  .parse()

const say = (line: string) => process.stderr.write(`${line}\n`)
/** npm runs scripts in the folder of package.json; a path is meant from where the command was typed. */
const place = (path: string) => resolve(process.env['INIT_CWD'] ?? '.', path)

try {
  await report(command.args, command.opts<Options>())
} catch (error) {
  if (!isMetricLearningError(error)) throw error
  say(error.message)
  process.exitCode = 1
}

async function report(paths: readonly string[], { output, title, seed }: Options): Promise<void> {
  const saved = readSavedRuns(paths.map(place))
  for (const { parts } of saved.leftOut) say(`Left out: ${parts.where}, which is not the record of a run: ${parts.got}`)
  const { runs, configuration } = compareSavedRuns(saved.runs)
  const methods = methodsOf('report', runs)
  for (const method of methods) say(`${method.name}: ${method.runs.length === 1 ? '1 run' : `mean of ${method.runs.length} runs`}`)
  process.stdout.write(`\n${comparisonTable(runs, { colour: process.stdout.isTTY, width: process.stdout.columns ?? Infinity })}\n`)
  say('Drawing the report …')
  // Neighbours of some thousand embeddings: what needs no set-up is fast enough.
  await useBackend('wasm', { log: () => undefined })
  const file = place(output)
  await writeReport(file, { title: title ?? heading(methods.map(({ name }) => name)), runs, configuration, seed })
  process.stdout.write(`Report: ${file}\n`)
  say('It has no gallery: pictures are not saved with runs. `writeReport` takes them as `images`.')
}

function heading(names: readonly string[]): string {
  return names.length <= 3 ? names.join(' against ') : `${names.length} methods: ${names.join(', ')}`
}

function integer(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value)) throw new InvalidArgumentError('wanted an integer.')
  return value
}
