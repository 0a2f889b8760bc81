import { join } from 'node:path'
import { writeWhole } from '@metric-learning/page'
import type { ResolvedConfiguration } from '../configuration/read-configuration.js'
import type { ExperimentResults } from '../run/results.js'
import { budgetOf } from '../search/search-method.js'
import { summaries } from '../statistics/summary.js'
import { latexTables, markdownTables, type TableContext } from './tables.js'

/** What stands above the tables of an experiment. */
export function contextOf({ name, protocol, epochs, methods }: ResolvedConfiguration): TableContext {
  const { search, folds = 4 } = protocol ?? {}
  return { title: name, ...(search && { budget: budgetOf(search, folds, Math.max(...Object.values(methods).map((method) => method.epochs ?? epochs))) }) }
}

/** Writes `tables.md` and `tables.tex` into the folder of an experiment; gives the former back. */
export async function writeTables(folder: string, results: ExperimentResults, configuration: ResolvedConfiguration): Promise<string> {
  const found = summaries(results)
  const context = contextOf(configuration)
  const markdown = markdownTables(found, configuration.metric, context)
  await writeWhole('experiment', join(folder, 'tables.md'), markdown)
  await writeWhole('experiment', join(folder, 'tables.tex'), `${latexTables(found, context)}\n`)
  return markdown
}
