import { useBackend } from '@metric-learning/backend'
import { LOSSES, NET_NAMES, NETS, trainerOf, type LossName } from '@metric-learning/benchmark-step'
import type { Plugin } from '@metric-learning/core'
import { backendOption, integer, runMain, say, someOption, type MeasuredBackend } from '@metric-learning/peer'
import { Command } from 'commander'
import { readMemory, type MemoryReading } from '../memory-reading.js'
import { MOST_KIB_A_STEP, verdictOf } from './verdict.js'

const options = new Command('npm run soak:step --')
  .description(
    'Many compiled steps, whose memory must stay flat over the second half of them: always as many tensors, and a ' +
      `straight line through resident memory that rises by at most ${MOST_KIB_A_STEP} KiB a step. Exit code 1 otherwise.`,
  )
  .option('--steps <count>', 'steps with each loss, 2000 or more', integer(2000), 10_000)
  .addOption(someOption('--nets <names>', NET_NAMES, ['convnet-16']))
  .addOption(someOption('--losses <names>', LOSSES))
  .addOption(backendOption())
  .parse()
  .opts<{ steps: number; nets: readonly string[]; losses: readonly LossName[]; backend: MeasuredBackend }>()

await runMain(async () => {
  await useBackend(options.backend, { log: say })
  for (const net of NETS.filter(({ name }) => options.nets.includes(name))) {
    for (const loss of options.losses) {
      const readings: MemoryReading[] = []
      const request = { ...net, net: net.name, loss, compile: true, precision: 'float32' } as const
      const trainer = trainerOf(request, { steps: options.steps, plugins: [meter(`${net.name} ${loss}`, readings)] })
      await trainer.train({ epochs: 1 })
      trainer.dispose()
      const { isFlat, text } = verdictOf(readings)
      console.log(`${net.name} ${loss}: ${text}`)
      if (!isFlat) process.exitCode = 1
    }
  }
})

/** Reads memory a hundred times, and says so at each tenth. */
function meter(what: string, readings: MemoryReading[]): Plugin {
  const name = 'meter'
  const started = performance.now()
  return {
    name,
    apply({ hooks }) {
      hooks.batchEnd.tap({ name }, ({ step, steps }) => {
        if (step % Math.floor(steps / 100) !== 0) return
        const reading = readMemory(step)
        readings.push(reading)
        if (readings.length % 10 !== 0) return
        const seconds = ((performance.now() - started) / 1000).toFixed(0)
        console.log(`${what}, step ${step} of ${steps}: ${reading.tensors} tensors, ${reading.mebibytes.toFixed(0)} MiB resident, ${seconds} s`)
      })
    },
  }
}
