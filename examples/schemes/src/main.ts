// `npm run example:schemes -- NAME`: trains by one scheme, and says what that gave on classes that training never sees.
import { useBackend } from '@metric-learning/backend'
import { Argument, Command } from 'commander'
import { EXAMPLES, type ExampleName } from './examples.js'
import { drawings } from './task.js'

const METRICS = { precisionAt1: 'P@1', meanAveragePrecisionAtR: 'MAP@R', AMI: 'AMI' }

const command = new Command('npm run example:schemes --')
  .description('Trains a small network on drawings by one scheme.')
  .addArgument(new Argument('<name>', 'which').choices(Object.keys(EXAMPLES)))
  .option('--seed <number>', 'what is drawn follows from it', Number, 0)
  .option('--json', 'prints all metrics as JSON', false)
  .parse()
const { seed, json } = command.opts<{ seed: number; json: boolean }>()

await useBackend('auto')
const { untrained, trained } = await EXAMPLES[command.args[0] as ExampleName](await drawings(seed))
const line = Object.entries(METRICS).map(([metric, short]) => `${short} ${trained[metric]!.toFixed(3)} (untrained ${untrained[metric]!.toFixed(3)})`)
console.log(json ? JSON.stringify({ untrained, trained }) : line.join(', '))
process.exit(0)
