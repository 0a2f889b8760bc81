// What it costs to log, in one process: `logging-turn.ts REQUEST`, with a LoggingRequest as JSON, prints a LoggingCost as JSON.
import { useBackend } from '@metric-learning/backend'
import type { Plugin } from '@metric-learning/core'
import { median, runMain } from '@metric-learning/peer'
import type { LoggingCost, LoggingRequest } from './logging-cost.js'
import { NETS } from './nets.js'
import { SteppedTrainer } from './stepped-trainer.js'
import { trainerOf } from './trainer-of.js'

const request = JSON.parse(process.argv[2]!) as LoggingRequest

/** Steps that are not timed: captures, and the first looks. */
const WARM_UP = 16
/** Pairs of steps that are, at least and at most, and milliseconds after which they are enough. */
const [LEAST, MOST, ENOUGH] = [40, 400, 12_000] as const

/** Two trainers take turns step by step; each step of one is looked at, and none of the other. The first in each pair changes. */
async function main(): Promise<void> {
  await useBackend('native-cpu', { log: () => undefined })
  const sides = [stepped([]), stepped([logger])]
  const started = performance.now()
  for (let pair = 0; pair < WARM_UP + LEAST || (pair < WARM_UP + MOST && performance.now() - started < ENOUGH); pair++) {
    for (const side of pair % 2 === 0 ? sides : [...sides].reverse()) await side.step(pair >= WARM_UP)
  }
  for (const side of sides) await side.end()
  const [plain, looked] = sides.map(({ times }) => times) as [readonly number[], readonly number[]]
  const cost: LoggingCost = { step: median(plain), look: median(plain.map((time, i) => looked[i]! - time)) }
  process.stdout.write(`${JSON.stringify(cost)}\n`)
}

/** Takes all entries, and keeps none. */
const logger: Plugin = {
  name: 'logger',
  apply({ hooks }) {
    hooks.log.tap({ name: 'logger' }, () => undefined)
  },
}

function stepped(plugins: readonly Plugin[]): SteppedTrainer {
  const net = NETS.find(({ name }) => name === request.net)!
  return new SteppedTrainer(trainerOf({ ...net, net: net.name, loss: request.loss, compile: true, precision: 'float32' }, { steps: 100_000, plugins, logEverySteps: 1 }))
}

await runMain(main)
