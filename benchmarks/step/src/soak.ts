import { useBackend } from '@metric-learning/backend'
import type { Plugin } from '@metric-learning/core'
import * as tf from '@tensorflow/tfjs-core'
import { Command } from 'commander'
import { NETS } from './nets.js'
import { trainerOf } from './trainer-of.js'

const program = new Command('npm run soak:step --')
  .description('Many compiled steps: tensors and resident memory must stay what they were after the first thousand.')
  .option('--steps <count>', 'steps', Number, 10_000)
const { steps } = program.parse().opts<{ steps: number }>()

await useBackend('native-cpu')
const settled = Math.min(1000, Math.floor(steps / 10))
const readings: { readonly tensors: number; readonly megabytes: number }[] = []
await trainerOf(NETS[0]!, 'triplet', { steps, compile: true, plugins: [meter()] }).train({ epochs: 1 })

const [first, last] = [readings[0]!, readings.at(-1)!]
const growth = last.megabytes / first.megabytes - 1
const isFlat = last.tensors === first.tensors && growth < 0.05
console.log(
  `${isFlat ? 'flat' : 'NOT flat'}: ${first.tensors} tensors and ${first.megabytes.toFixed(0)} MB after ${settled} steps, ` +
    `${last.tensors} and ${last.megabytes.toFixed(0)} MB after ${steps} (${(100 * growth).toFixed(1)} %)`,
)
process.exitCode = isFlat ? 0 : 1

/** Reads memory at a tenth of the way each, and says so. */
function meter(): Plugin {
  const name = 'meter'
  return {
    name,
    apply({ hooks }) {
      hooks.batchEnd.tap({ name }, ({ step }) => {
        if (step < settled || (step % Math.floor(steps / 10) !== 0 && step !== settled)) return
        readings.push({ tensors: tf.memory().numTensors, megabytes: process.memoryUsage.rss() / 2 ** 20 })
        console.log(`step ${step}: ${readings.at(-1)!.tensors} tensors, ${readings.at(-1)!.megabytes.toFixed(0)} MB`)
      })
    },
  }
}
