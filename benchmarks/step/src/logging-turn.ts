// What it costs to log, in one process: `logging-turn.ts REQUEST`, with a LoggingRequest as JSON, prints a LoggingCost as JSON.
import { useBackend } from '@metric-learning/backend'
import type { Plugin, TrainedStep } from '@metric-learning/core'
import { median, runMain } from '@metric-learning/peer'
import type { LoggingCost, LoggingRequest } from './logging-cost.js'
import { NETS } from './nets.js'
import { trainerOf } from './trainer-of.js'

const request = JSON.parse(process.argv[2]!) as LoggingRequest

/** Steps of a turn: as many as there are between two looks, so that each turn has one. */
const stepsOfTurn = 20
const turns = 24
/** Turns that are not timed: captures, and the first looks. */
const warmUp = 4

async function main(): Promise<void> {
  await useBackend('native-cpu', { log: () => undefined })
  const sides = { without: stepsOf([]), with: stepsOf([logger]) }
  const times: Record<keyof LoggingCost, number[][]> = { without: [], with: [] }
  for (let turn = 0; turn < warmUp + turns; turn++) {
    // Who goes first changes from turn to turn.
    for (const side of turn % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
      const ofSteps = await timesOf(sides[side])
      if (turn >= warmUp) times[side].push(ofSteps)
    }
  }
  process.stdout.write(`${JSON.stringify({ without: stepTime(times.without), with: stepTime(times.with) } satisfies LoggingCost)}\n`)
}

/** Takes all entries, and keeps none. */
const logger: Plugin = {
  name: 'logger',
  apply({ hooks }) {
    hooks.log.tap({ name: 'logger' }, () => undefined)
  },
}

function stepsOf(plugins: readonly Plugin[]): AsyncGenerator<TrainedStep> {
  const net = NETS.find(({ name }) => name === request.net)!
  const { name, batch, imageSize, channels } = net
  const trainer = trainerOf({ net: name, batch, imageSize, channels, loss: request.loss, compile: true, precision: 'float32' }, { steps: (warmUp + turns) * stepsOfTurn + 1, plugins })
  return trainer.steps({ epochs: 1 })
}

/** Of each step of a turn. */
async function timesOf(steps: AsyncGenerator<TrainedStep>): Promise<number[]> {
  const times: number[] = []
  for (let step = 0; step < stepsOfTurn; step++) {
    const started = performance.now()
    await steps.next()
    times.push(performance.now() - started)
  }
  return times
}

/** The mean over the places of a turn, of which the last is the look, of the median over turns: what else the machine does is not in it. */
const stepTime = (ofTurns: readonly (readonly number[])[]): number =>
  Array.from({ length: stepsOfTurn }, (_, step) => median(ofTurns.map((times) => times[step]!))).reduce((sum, time) => sum + time, 0) / stepsOfTurn

await runMain(main)
