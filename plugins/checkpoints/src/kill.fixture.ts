import { checkpoints } from './checkpoints.js'
import { TinyRun } from './tiny-run.fixture.js'

// Trains until it is ended from outside, with a checkpoint of each step; says "step <number>" when it has begun one.
const [folder, waitedMilliseconds] = process.argv.slice(2)
const trainer = new TinyRun({
  plugin: checkpoints({ folder: folder!, everySteps: 1, resume: true, say: (line) => process.stdout.write(`${line}\n`) }),
  steps: 1_000_000,
  onStep: async (step) => {
    process.stdout.write(`step ${step}\n`)
    await new Promise((resolve) => setTimeout(resolve, Number(waitedMilliseconds)))
  },
})
await trainer.train(1)
process.stdout.write(`ended by ${trainer.stopReason} after step ${trainer.step}\n`)
