import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { MetricLearningError } from '@metric-learning/contracts'
import { comparisonTable, type RunRecord } from '@metric-learning/report'
import { loadData } from './data.js'
import { Interrupt } from './interrupt.js'
import { SIDES } from './objective.js'
import { parseOptions } from './options.js'
import { trainSide } from './train-side.js'
import { writeComparison } from './write-comparison.js'

const options = parseOptions(process.argv.slice(2))
const interrupt = new Interrupt()
const say = (line: string) => process.stderr.write(`${line}\n`)

try {
  await compare()
} catch (error) {
  if (!(error instanceof MetricLearningError)) throw error
  say(`\n${error.message}`)
  process.exitCode = 1
} finally {
  interrupt.dispose()
}

async function compare(): Promise<void> {
  const backend = await useBackend(options.backend, { log: say })
  const data = await loadData(options.data, say)
  say(data.description)

  const runs: RunRecord[] = []
  for (const loss of options.losses) {
    if (interrupt.requested) break
    const folder = join(options.output, loss)
    rmSync(folder, { recursive: true, force: true })
    say(`\n${SIDES[loss].title}: ${SIDES[loss].description}`)
    runs.push(await trainSide(loss, data, options, interrupt))
  }
  if (runs.length === 0) return

  mkdirSync(options.output, { recursive: true })
  writeFileSync(join(options.output, 'results.json'), JSON.stringify({ options, backend, runs }, null, 1))
  process.stdout.write(`\nOn held-out classes, ${data.heldOut.classNames.length} never seen in training:\n\n`)
  process.stdout.write(comparisonTable(runs, { colour: process.stdout.isTTY }))
  const report = await writeComparison({ runs, data, options, backend, say })
  process.stdout.write(
    [
      '',
      `Report:      ${report}`,
      `Best models: ${options.losses.slice(0, runs.length).map((loss) => join(options.output, loss, 'best-model')).join(', ')}`,
      `TensorBoard: tensorboard --logdir ${options.output}`,
      '',
    ].join('\n'),
  )
}
