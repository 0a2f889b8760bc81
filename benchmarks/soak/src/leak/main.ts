import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { backendOption, integer, runMain, say, type MeasuredBackend } from '@metric-learning/peer'
import { Command } from 'commander'
import { leakRun } from './leak-run.js'
import { leakVerdict, MOST_RISE } from './leak-verdict.js'

const options = new Command('npm run soak:leak --')
  .description(
    'Many compiled steps with every plugin on, and memory at the end of each epoch. After a warm-up of a quarter of them ' +
      `there are always as many tensors, and resident memory rises by at most ${100 * MOST_RISE} %. Exit code 1 otherwise.`,
  )
  .option('--steps <count>', 'steps in all', integer(1), 10_000)
  .option('--evaluations <count>', 'epochs, each of which ends with an evaluation', integer(4), 20)
  .addOption(backendOption())
  .parse()
  .opts<{ steps: number; evaluations: number; backend: MeasuredBackend }>()

await runMain(async () => {
  await useBackend(options.backend, { log: say })
  const folder = await mkdtemp(join(tmpdir(), 'soak-leak-'))
  const started = performance.now()
  console.log('   step  tensors  MiB resident  seconds')
  try {
    const readings = await leakRun({
      folder,
      steps: options.steps,
      evaluations: options.evaluations,
      onReading: ({ step, tensors, mebibytes }) => {
        const seconds = (performance.now() - started) / 1000
        console.log([String(step).padStart(7), String(tensors).padStart(7), mebibytes.toFixed(1).padStart(12), seconds.toFixed(0).padStart(7)].join('  '))
      },
    })
    const { isFlat, text } = leakVerdict(readings)
    console.log(text)
    if (!isFlat) process.exitCode = 1
  } finally {
    await rm(folder, { recursive: true })
  }
})
