// `npm run check:health [-- --only NAMES] [FOLDER]`: breaks a run in each way that health knows, and prints what it said.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { isMetricLearningError } from '@metric-learning/contracts'
import { Trainer } from '@metric-learning/core'
import { quickDraw, splitClasses } from '@metric-learning/datasets'
import { health } from '@metric-learning/health'
import { path, runMain, say, someOption } from '@metric-learning/peer'
import { Command } from 'commander'
import { healthyOptions, WAYS, type Way } from './ways.js'

const command = new Command('npm run check:health --')
  .description('Breaks a run in each way that the health plugin knows, and prints what it said; fails where it said nothing, or said something of a healthy run.')
  .argument('[folder]', 'where pages are left (default: a temporary folder)', path)
  .addOption(someOption('--only <names>', WAYS.map(({ name }) => name)))
  .parse()
const { only } = command.opts<{ only: readonly string[] }>()
const kept = command.processedArgs[0] as string | undefined

const HEALTHY: Way = { name: 'healthy', what: 'nothing', options: () => ({}) }

await runMain(async () => {
  if (kept !== undefined) mkdirSync(kept, { recursive: true })
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'check-health-'))
  try {
    await useBackend('native-cpu', { log: say })
    process.removeAllListeners('warning')
    const { train: drawings } = splitClasses(await quickDraw({ split: 'train' }), { trainFraction: 20 / 245 })
    for (const way of [HEALTHY, ...WAYS.filter(({ name }) => only.includes(name))]) {
      const said = await whatHealthSays(way, drawings, join(folder, way.name))
      process.stdout.write(`${way.name}: ${way.what}\n${said.map((line) => `  ${line.replaceAll(`${folder}/`, '')}\n`).join('') || '  (nothing)\n'}`)
      if ((said.length > 0) !== (way !== HEALTHY)) process.exitCode = 1
    }
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true })
  }
})

/** The error that ended the run, and what was found. */
async function whatHealthSays({ options, epochs = 2 }: Way, drawings: Parameters<Way['options']>[0], folder: string): Promise<readonly string[]> {
  const plugin = health({ folder })
  const { plugins = [], ...own } = options(drawings)
  const given = { ...healthyOptions(own.dataset ?? drawings), ...own, plugins: [...plugins, plugin] }
  const trainer = new Trainer(given as ConstructorParameters<typeof Trainer>[0])
  const errors: string[] = []
  await trainer.train({ epochs }).catch((error: unknown) => {
    if (!isMetricLearningError(error) || error.code !== 'ML_NOT_FINITE') throw error
    errors.push(`${error.code} ${error.message}`)
  })
  trainer.dispose()
  return [...errors, ...plugin.findings.map(({ condition, step, message }) => `${condition}, step ${step}: ${message}`)]
}
