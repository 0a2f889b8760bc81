import { useBackend } from '@metric-learning/backend'
import type { Plugin } from '@metric-learning/core'
import { LOSSES, NETS, type LossName, type Net } from './nets.js'
import { trainerOf } from './trainer-of.js'
import { median, type Turn } from './turn.js'

// A turn of our side, in a process of its own: `our-turn.ts <net> <loss> <compiled|eager>` prints a Turn as JSON.
const [netName, lossName, mode] = process.argv.slice(2)
const net = NETS.find(({ name }) => name === netName)
const loss = LOSSES.find((name) => name === lossName)
if (!net || !loss) throw new Error(`unknown net ${netName ?? ''} or loss ${lossName ?? ''}`)

await useBackend('native-cpu', { log: () => undefined })
process.stdout.write(JSON.stringify(await turn(net, loss, mode !== 'eager')))

async function turn(net: Net, loss: LossName, compile: boolean): Promise<Turn> {
  const warmUp = 8
  const times: number[] = []
  await trainerOf(net, loss, { steps: warmUp + net.steps, compile, plugins: [stopwatch(times)] }).train({ epochs: 1 })
  return { milliseconds: median(times.slice(warmUp)), peakMegabytes: process.resourceUsage().maxRSS / 1024 }
}

/** The milliseconds of each step, from before its upload to after its update, the loss read back. */
function stopwatch(times: number[]): Plugin {
  const name = 'stopwatch'
  let started = 0
  return {
    name,
    apply({ hooks }) {
      hooks.batchStart.tap({ name, stage: 'report' }, () => {
        started = performance.now()
      })
      hooks.batchEnd.tapPromise({ name, stage: 'measure' }, async ({ loss }) => {
        await loss()
        times.push(performance.now() - started)
      })
    },
  }
}
