import { fileURLToPath } from 'node:url'
import { integer, pageOption, pythonOption, pythonWith, runForJson, runMain, say, someOption, sourceProgram, versions } from '@metric-learning/peer'
import { Command } from 'commander'
import { alternate } from './alternate.js'
import type { LoggingCost, LoggingRequest } from './logging-cost.js'
import { LOSSES, NET_NAMES, NETS, type LossName } from './nets.js'
import { STEP_SIDES, stepCells, stepPage } from './step-page.js'
import { takeTurn } from './take-turn.js'
import type { Work } from './turn.js'
import type { UpToDateCost, UpToDateRequest } from './up-to-date-cost.js'

const here = fileURLToPath(new URL('..', import.meta.url))

interface Options {
  readonly nets: readonly string[]
  readonly losses: readonly LossName[]
  readonly pairs: number
  readonly seconds: number
  readonly python?: string
  readonly output: string
}

const options = new Command('npm run bench:step --')
  .description(
    'The training step on the CPU beside PyTorch’s: time, memory, and what it costs that a compiled step is never out of date; ' +
      'writes docs/step-speed.md, row by row.',
  )
  .addOption(someOption('--nets <names>', NET_NAMES))
  .addOption(someOption('--losses <names>', LOSSES))
  .option('--pairs <count>', 'turns of each side', integer(1), 5)
  .option('--seconds <count>', 'when a turn is given up', integer(1), 600)
  .addOption(pythonOption())
  .addOption(pageOption('docs/step-speed.md'))
  .parse()
  .opts<Options>()

await runMain(async () => {
  const python = await pythonWith('pytorch', { modules: ['torch', 'pytorch_metric_learning'], python: options.python, say })
  const page = stepPage(options.output, await versions(python))
  say(page.outlook)
  for (const net of NETS.filter(({ name }) => options.nets.includes(name))) {
    for (const loss of options.losses) {
      const work: Work = { net, loss, precision: 'float32', device: 'cpu', warmUp: 8, steps: net.steps }
      const taken = await alternate(STEP_SIDES, options.pairs, async (side) => {
        const turn = await takeTurn(side, work, { python, seconds: options.seconds })
        say(`${net.name} ${loss} ${side.title}: ${turn.milliseconds.toFixed(1)} ms`)
        return turn
      })
      const request: UpToDateRequest = { net: net.name, loss }
      const program = sourceProgram(`${here}src/up-to-date-turn.ts`, JSON.stringify(request))
      const upToDate = await runForJson<UpToDateCost>(process.execPath, program, { seconds: options.seconds })
      const ofLogging: LoggingRequest = { net: net.name, loss }
      const logging = await runForJson<LoggingCost>(process.execPath, sourceProgram(`${here}src/logging-turn.ts`, JSON.stringify(ofLogging)), { seconds: options.seconds })
      page.put(stepCells(net, loss, taken, upToDate, logging))
    }
  }
  process.stdout.write(page.text())
})
