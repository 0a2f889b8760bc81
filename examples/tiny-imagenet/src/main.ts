import { resolve } from 'node:path'
import { isMetricLearningError } from '@metric-learning/contracts'
import { checkedExperiment, runExperiment, Stopped, writeExperimentReport, writeTables } from '@metric-learning/experiments'
import { Command, InvalidArgumentError } from 'commander'
import { tinyImageNetExperiment } from './experiment.js'

const say = (line: string) => process.stderr.write(`${line}\n`)
/** npm runs scripts in the folder of package.json; a path is meant from where the command was typed. */
const place = (path: string) => resolve(process.env['INIT_CWD'] ?? '.', path)

interface Flags {
  readonly data: string
  readonly epochs: number
  readonly weights?: string
  readonly batchSize: number
  readonly seeds: readonly number[]
  readonly partial: boolean
  readonly output: string
}

const { output, data, weights, ...flags } = new Command('npm run example:tiny-imagenet --')
  .description('Triplet loss with a MultiSimilarityMiner against ArcFace on TinyImageNet with a ResNet50. The same command goes on with what was cut off.')
  .requiredOption('--data <folder>', 'tiny-imagenet-200, extracted from tiny-imagenet-200.zip')
  .option('--epochs <count>', 'of each loss', integer, 150)
  .option('--weights <file>', 'ResNet50 of torchvision, .pth or .safetensors (default: weights are drawn)')
  .option('--batch-size <count>', 'images in a batch, a multiple of 4', integer, 64)
  .option('--seeds <list>', 'each loss is trained once with each, such as 0,1,2', (text) => text.split(',').map(integer), [0])
  .option('--partial', 'take a folder that lacks images', false)
  .option('--output <folder>', 'where it goes', 'runs/tiny-imagenet')
  .helpOption('-h, --help', 'show this')
  .parse()
  .opts<Flags>()

try {
  const folder = place(output)
  const configuration = tinyImageNetExperiment({ ...flags, data: place(data), cache: `${folder}-cache`, ...(weights !== undefined && { weights: place(weights) }) })
  const experiment = await checkedExperiment(configuration, { who: 'example:tiny-imagenet', folder: process.cwd() })
  const results = await runExperiment(experiment, { kind: 'run', folder, command: ['npm run example:tiny-imagenet --', ...process.argv.slice(2)].join(' '), say })
  process.stdout.write(`\n${await writeTables(folder, results, experiment.configuration)}`)
  const report = await writeExperimentReport([folder], { output: `${folder}/report.html`, seed: 0, say })
  process.stdout.write(`\nReport:      ${report}\nTensorBoard: tensorboard --logdir ${folder}\n`)
} catch (error) {
  if (!(error instanceof Stopped) && !isMetricLearningError(error)) throw error
  say(`\n${error.message}`)
  process.exitCode = 1
}

function integer(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value)) throw new InvalidArgumentError('wanted an integer.')
  return value
}
