// `npm run try -- examples/own-loop/src/main.ts [--plain]`: a loop over the steps of the trainer, or with the parts alone; run again, it goes on.
import { useBackend } from '@metric-learning/backend'
import { quickDraw } from '@metric-learning/datasets'
import { Command } from 'commander'
import { plainLoop } from './plain-loop.js'
import { stepsOfTrainer } from './steps-of-trainer.js'

const { plain, steps, folder } = new Command('npm run try -- examples/own-loop/src/main.ts')
  .option('--plain', 'with the parts alone, without the trainer', false)
  .option('--steps <count>', 'steps in all, those of before included', Number, 300)
  .option('--folder <folder>', 'where the run is kept', 'runs/own-loop')
  .parse()
  .opts<{ plain: boolean; steps: number; folder: string }>()

await useBackend('auto')
const train = await quickDraw({ split: 'train', samplesPerClass: 40 })
const heldOut = await quickDraw({ split: 'test', samplesPerClass: 20 })
const loop = plain ? plainLoop : stepsOfTrainer
await loop({ train, heldOut, folder: `${folder}/${plain ? 'plain' : 'trainer'}`, steps, say: console.log })
