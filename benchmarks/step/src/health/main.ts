// `npm run bench:health`: what the health plugin costs, as a share of a step. Two trainers in one process take turns step by step, one
// with health, both with a logger, so that both look at the run.
import { useBackend } from '@metric-learning/backend'
import type { Plugin } from '@metric-learning/core'
import { health } from '@metric-learning/health'
import { integer, median, runMain, say, someOption } from '@metric-learning/peer'
import { Command } from 'commander'
import { LOSSES, NETS, type LossName, type Net } from '../nets.js'
import { LOOK, SteppedTrainer } from '../stepped-trainer.js'
import { trainerOf } from '../trainer-of.js'

const WARM_UP = 2 * LOOK

const { nets, losses, seconds } = new Command('npm run bench:health --')
  .description('What the health plugin costs, as a share of a compiled step on the CPU; prints a table.')
  .addOption(someOption('--nets <names>', NETS.map(({ name }) => name)))
  .addOption(someOption('--losses <names>', LOSSES))
  .option('--seconds <count>', 'of measuring, for each net and loss', integer(1), 60)
  .parse()
  .opts<{ nets: readonly string[]; losses: readonly LossName[]; seconds: number }>()

const logger: Plugin = { name: 'logger', apply: ({ hooks }) => { hooks.log.tap({ name: 'logger' }, () => undefined) } }

await runMain(async () => {
  await useBackend('native-cpu', { log: say })
  process.stdout.write('| net | loss | a step, ms | health | 95 % interval of it | steps of each |\n|---|---|---|---|---|---|\n')
  for (const net of NETS.filter(({ name }) => nets.includes(name))) {
    for (const loss of losses) process.stdout.write(`${await row(net, loss)}\n`)
  }
})

async function row(net: Net, loss: LossName): Promise<string> {
  const sides = [[logger], [logger, health()]].map((plugins) => new SteppedTrainer(trainerOf({ ...net, net: net.name, loss, compile: true, precision: 'float32' }, { steps: 100_000, plugins })))
  const ends = performance.now() + 1000 * seconds
  // Whole rounds from one look to the next; each side is the first in every other step.
  for (let step = 0; step % LOOK !== 0 || step < WARM_UP + LOOK || performance.now() < ends; step++) {
    for (const side of step % 2 === 0 ? sides : [...sides].reverse()) await side.step(step >= WARM_UP)
  }
  for (const side of sides) await side.end()
  const [without, withHealth] = sides.map(({ times }) => times) as [readonly number[], readonly number[]]
  const beyond = without.map((time, i) => withHealth[i]! - time)
  const isLook = (_: number, i: number) => i % LOOK === LOOK - 1
  // A look and the steps up to it, each by the middle of its kind.
  const mean = (times: readonly number[]) => ((LOOK - 1) * median(times.filter((time, i) => !isLook(time, i))) + median(times.filter(isLook))) / LOOK
  const milliseconds = mean(without)
  const [low, high] = medianInterval(beyond)
  const percent = (more: number) => `${((100 * more) / milliseconds).toFixed(2)} %`
  return `| ${net.title} | ${loss} | ${milliseconds.toFixed(2)} | ${percent(mean(beyond))} | ${percent(low)} to ${percent(high)} | ${without.length} |`
}

/** 95 % confidence interval of a median, by ranks. */
function medianInterval(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b)
  const half = 0.98 * Math.sqrt(values.length)
  return [sorted[Math.max(0, Math.floor(values.length / 2 - half))]!, sorted[Math.min(values.length - 1, Math.ceil(values.length / 2 + half))]!]
}
