import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { isMetricLearningError } from '@metric-learning/contracts'
import { comparisonTable, liveReport, runRecorder, type RunRecord } from '@metric-learning/report'
import { inFlags } from './advice.js'
import { expectBatches } from './batches.js'
import { cautions, cautionsOfRuns } from './cautions.js'
import { SIDES } from './comparison.js'
import { loadData } from './data.js'
import { parseCommand } from './options.js'
import { expectPrecision } from './precision.js'
import { newRun, resumedRun } from './run-folder.js'
import { trainSide } from './train-side.js'
import { expectTrunk } from './trunk.js'
import { partsOfComparison, writeComparison } from './write-comparison.js'

const command = parseCommand(process.argv.slice(2))
const say = (line: string) => process.stderr.write(`${line}\n`)

try {
  await compare()
} catch (error) {
  if (!isMetricLearningError(error)) throw error
  say(`\n${inFlags(error)}`)
  process.exitCode = 1
}

async function compare(): Promise<void> {
  const { options: given, resume, epochsAreGiven, live: port } = command
  const resumed = resume === undefined ? undefined : resumedRun(resume, given, epochsAreGiven)
  const options = resumed?.options ?? given
  expectPrecision(options, options.backend)
  expectBatches(options)
  const backend = await useBackend(options.backend, { log: say })
  expectPrecision(options, backend.name)
  await expectTrunk(options)
  const data = await loadData(options, say)
  say(data.description)
  const ofData = cautions(data, options)
  for (const caution of ofData) say(caution)
  // No folder is left behind for data that cannot be trained on.
  const { folder } = resumed ?? newRun(options)

  const sides = options.losses.map((loss) => {
    const { title, describe } = SIDES[loss]
    const description = describe(data.train.classNames.length)
    return { loss, title, description, recorder: runRecorder({ name: title, description }) }
  })
  const live =
    port === undefined
      ? undefined
      : liveReport({ ...partsOfComparison({ data, cautions: ofData, options }), runs: sides.map(({ recorder }) => recorder), say, ...(port !== true && { port }) })
  const runs: RunRecord[] = []
  for (const { loss, title, description, recorder } of sides) {
    say(`\n${title}: ${description}`)
    const stopReason = await trainSide(loss, data, folder, options, { recorder, live })
    runs.push(recorder.record)
    if (stopReason !== undefined) break
  }

  const careful = [...cautionsOfRuns(runs, options), ...ofData]
  // Where nothing could be judged, nothing is the best.
  const best = options.losses.map((loss) => join(folder, loss, 'best-model')).filter((model) => existsSync(model))
  writeFileSync(join(folder, 'results.json'), JSON.stringify({ options, backend, runs }, null, 1))
  process.stdout.write(`\nOn ${data.judgedOn}:\n\n`)
  process.stdout.write(comparisonTable(runs, { colour: process.stdout.isTTY && process.stdout.hasColors() }))
  const report = await writeComparison({ runs, data, cautions: careful, folder, options, backend, say })
  const isWhole = runs.length === options.losses.length && runs.every(({ status }) => status === 'complete')
  process.stdout.write(
    [
      '',
      ...careful.flatMap((caution) => [caution, '']),
      `Report:      ${report}`,
      ...(best.length > 0 ? [`Best models: ${best.join(', ')}`] : []),
      `TensorBoard: tensorboard --logdir ${folder}`,
      ...(isWhole ? [] : [`To go on:    npm run quickstart -- --resume ${folder}`]),
      '',
    ].join('\n'),
  )
}
