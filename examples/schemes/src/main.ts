// `npm run example:schemes -- NAME …`: trains by a scheme, and says what that gave on classes that training never sees.
import { useBackend } from '@metric-learning/backend'
import { Argument, Command } from 'commander'
import { EXAMPLES, type ExampleName } from './examples.js'
import { drawings } from './task.js'

const METRICS = { precisionAt1: 'P@1', meanAveragePrecisionAtR: 'MAP@R', AMI: 'AMI' }
const shown = (value: number | null) => value?.toFixed(3) ?? 'none'

const command = new Command('npm run example:schemes --')
  .description('Trains a small network on drawings by one scheme after the other.')
  .addArgument(new Argument('<names...>', 'which').choices(Object.keys(EXAMPLES)))
  .option('--seed <number>', 'weights and draws follow from it', Number, 0)
  .option('--json', 'a line of JSON for each, in place of text', false)
  .parse()
const { seed, json } = command.opts<{ seed: number; json: boolean }>()

await useBackend('auto')
for (const scheme of command.args as ExampleName[]) {
  const { untrained, trained } = await EXAMPLES[scheme](await drawings(seed))
  const metrics = Object.entries(METRICS).map(([metric, short]) => `${short} ${shown(trained[metric]!)} (untrained ${shown(untrained[metric]!)})`)
  console.log(json ? JSON.stringify({ scheme, seed, untrained, trained }) : `${scheme}: ${metrics.join(', ')}`)
}
