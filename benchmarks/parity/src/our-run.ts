import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProcess, sourceProgram, type MeasuredBackend } from '@metric-learning/peer'
import { METRIC_NAMES, type Metric, type RunResult } from './result.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The part of the quickstart's results.json that is read here. */
interface QuickstartResults {
  readonly runs: readonly {
    readonly evaluations: readonly { readonly epoch: number; readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>> }[]
    readonly epochs: readonly { readonly samples: number; readonly seconds: number }[]
  }[]
}

/** Folders of runs are named by their time. */
const newestRun = (output: string): string => readdirSync(output).sort().at(-1)!

/** Runs the quickstart as a user would, for one loss, and reads its results. */
export async function runOurs(output: string, loss: string, seed: number, epochs: number, backend: MeasuredBackend): Promise<RunResult> {
  const options = ['--loss', loss, '--seed', String(seed), '--epochs', String(epochs), '--output', output, '--backend', backend]
  await runProcess(process.execPath, sourceProgram(join(root, 'examples/quickstart/src/main.ts'), ...options), { showErrors: true })
  const { runs } = JSON.parse(readFileSync(join(output, newestRun(output), 'results.json'), 'utf8')) as QuickstartResults
  const { evaluations, epochs: trained } = runs[0]!
  const metrics = (evaluation: (typeof evaluations)[number]) => {
    const [split] = Object.values(evaluation.metrics)
    return Object.fromEntries(METRIC_NAMES.map((metric) => [metric, split![metric]!])) as Record<Metric, number>
  }
  const total = (key: 'samples' | 'seconds') => trained.reduce((sum, epoch) => sum + epoch[key], 0)
  return {
    library: 'ours',
    loss,
    seed,
    untrained: metrics(evaluations[0]!),
    trained: metrics(evaluations.at(-1)!),
    imagesPerSecond: total('samples') / total('seconds'),
  }
}
