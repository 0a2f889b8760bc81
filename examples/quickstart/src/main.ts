import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { isMetricLearningError } from '@metric-learning/contracts'
import { comparisonTable, type RunRecord } from '@metric-learning/report'
import { loadData } from './data.js'
import { SIDES } from './objective.js'
import { parseCommand } from './options.js'
import { newRun, resumedRun } from './run-folder.js'
import { trainSide } from './train-side.js'
import { writeComparison } from './write-comparison.js'

const command = parseCommand(process.argv.slice(2))
const say = (line: string) => process.stderr.write(`${line}\n`)

try {
  await compare()
} catch (error) {
  if (!isMetricLearningError(error)) throw error
  say(`\n${error.message}`)
  process.exitCode = 1
}

async function compare(): Promise<void> {
  const { options: given, resume, epochsAreGiven } = command
  const { folder, options } = resume === undefined ? newRun(given) : resumedRun(resume, given, epochsAreGiven)
  const backend = await useBackend(options.backend, { log: say })
  const data = await loadData(options.data, say)
  say(data.description)

  const runs: RunRecord[] = []
  for (const loss of options.losses) {
    say(`\n${SIDES[loss].title}: ${SIDES[loss].describe(data.train.classNames.length)}`)
    const { record, stopReason } = await trainSide(loss, data, folder, options)
    runs.push(record)
    if (stopReason !== undefined) break
  }

  writeFileSync(join(folder, 'results.json'), JSON.stringify({ options, backend, runs }, null, 1))
  process.stdout.write(`\nOn held-out classes, ${data.heldOut.classNames.length} never seen in training:\n\n`)
  process.stdout.write(comparisonTable(runs, { colour: process.stdout.isTTY && process.stdout.hasColors() }))
  const report = await writeComparison({ runs, data, folder, options, backend, say })
  const isWhole = runs.length === options.losses.length && runs.every(({ status }) => status === 'complete')
  process.stdout.write(
    [
      '',
      `Report:      ${report}`,
      `Best models: ${options.losses.slice(0, runs.length).map((loss) => join(folder, loss, 'best-model')).join(', ')}`,
      `TensorBoard: tensorboard --logdir ${folder}`,
      ...(isWhole ? [] : [`To go on:    npm run quickstart -- --resume ${folder}`]),
      '',
    ].join('\n'),
  )
}
