import { fileURLToPath } from 'node:url'
import { integer, pageOption, runForJson, runMain, say, someOption, sourceProgram } from '@metric-learning/peer'
import { Command } from 'commander'
import { LARGE_BATCH_LOSSES, LARGE_BATCH_WAYS, largeBatchCells, largeBatchPage, type LargeBatchLoss, type LargeBatchRequest, type LargeBatchTurn, type LargeBatchWay } from './large-batch-page.js'

const program = fileURLToPath(new URL('large-batch-turn.ts', import.meta.url))

interface Options {
  readonly losses: readonly LargeBatchLoss[]
  readonly turns: number
  readonly steps: number
  readonly seconds: number
  readonly output: string
}

const options = new Command('npm run bench:large-batches --')
  .description('Batches of 4,096 as a whole and in chunks, beside batches of 256, on the CPU: time and memory; writes docs/large-batch-cost.md, row by row.')
  .addOption(someOption('--losses <names>', LARGE_BATCH_LOSSES))
  .option('--turns <count>', 'turns of each way', integer(1), 3)
  .option('--steps <count>', 'timed steps of a turn', integer(1), 4)
  .option('--seconds <count>', 'when a turn is given up', integer(1), 600)
  .addOption(pageOption('docs/large-batch-cost.md'))
  .parse()
  .opts<Options>()

await runMain(async () => {
  const page = largeBatchPage(options.output)
  say(page.outlook)
  for (const loss of options.losses) {
    const taken = new Map<LargeBatchWay, LargeBatchTurn[]>(LARGE_BATCH_WAYS.map((way) => [way, []]))
    for (let turn = 0; turn < options.turns; turn++) {
      for (const [way, turns] of taken) {
        const request: LargeBatchRequest = { ...way, loss, steps: options.steps }
        turns.push(await runForJson<LargeBatchTurn>(process.execPath, sourceProgram(program, JSON.stringify(request)), { seconds: options.seconds }))
      }
      for (const [way, turns] of taken) page.put(largeBatchCells(loss, way, turns))
    }
    say(`${loss} is measured`)
  }
  process.stdout.write(page.text())
})
