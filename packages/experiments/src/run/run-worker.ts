import { on } from 'node:events'
import { useBackend } from '@metric-learning/backend'
import { isMetricLearningError } from '@metric-learning/contracts'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { foldsOf, splitData } from './data-splits.js'
import { loadData } from './run-experiment.js'
import { Stopped, trainRun, type PlannedRun } from './train-run.js'
import type { WorkerAnswer, WorkerSetup } from './run-workers.js'

// A process of `RunWorkers`: it is told of an experiment, then of one run after the other, and answers each.

const say = (line: string) => process.stderr.write(`${line}\n`)
let isTraining = false
// Whoever began it has ended: a run under way stops in order, as by a signal.
process.on('disconnect', () => (isTraining ? process.kill(process.pid, 'SIGTERM') : process.exit()))

const messages = on(process, 'message') as AsyncIterableIterator<readonly [unknown]>
const { value: [setup] } = (await messages.next()) as { readonly value: readonly [WorkerSetup] }
const prepared = prepare(setup)
// Failures are told of the run that they stand in the way of.
prepared.catch(() => undefined)
for await (const [message] of messages) {
  isTraining = true
  const answer = await answerTo(message as PlannedRun)
  isTraining = false
  if (!process.connected) break
  process.send!(answer)
}

async function prepare({ configuration: given, circumstances, writesTensorBoard }: WorkerSetup) {
  const { configuration, registry } = await checkedExperiment(given, { who: 'experiment', folder: process.cwd() })
  await useBackend(configuration.backend, { log: () => undefined })
  const data = await loadData({ configuration, registry }, () => undefined)
  const cross = configuration.protocol && foldsOf(data, configuration.protocol)
  const splitOf = (fold = 0) => (cross ? cross.folds[fold]! : splitData(data, configuration.split))
  return { splitOf, context: { registry, circumstances, say, writesTensorBoard, ...(cross && { test: cross.test }) } }
}

async function answerTo(run: PlannedRun): Promise<WorkerAnswer> {
  try {
    const { splitOf, context } = await prepared
    return { result: await trainRun(run, splitOf(run.fold), context) }
  } catch (error) {
    if (error instanceof Stopped) return { stopped: error.signal }
    if (!isMetricLearningError(error)) throw error
    const { cause: _, ...parts } = error.parts
    return { refused: { name: error.name, code: error.code, parts } }
  }
}
