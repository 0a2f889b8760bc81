import type { BackendName } from '@metric-learning/backend'
import { PRECISIONS, type Precision } from '@metric-learning/ops'
import { Command, InvalidArgumentError, Option } from 'commander'
import { RECIPE } from './recipe.js'

/** The two sides of the comparison. */
export const LOSSES = ['triplet', 'arcface'] as const
export type LossName = (typeof LOSSES)[number]

/** What embeds images: that of the comparison, or torchvision's. */
const TRUNKS = ['convnet', 'resnet18', 'resnet50'] as const
export type TrunkName = (typeof TRUNKS)[number]

const BACKENDS: readonly BackendName[] = ['auto', 'cuda', 'native-cpu', 'wasm', 'cpu']

/** What the command line asks for. */
export interface QuickstartOptions {
  /** An image folder of one's own; Quick, Draw! otherwise. */
  readonly data?: string
  /** Side of the images of a folder, in pixels. */
  readonly imageSize: number
  /** What happens to files of a folder that cannot be decoded. */
  readonly onCorrupt: 'error' | 'skip'
  /** Whether defects that leave a picture whole make a file corrupt. */
  readonly strict: boolean
  /** Where decoded images of a folder are kept; in memory without it. */
  readonly cache?: string
  /** How a folder is split: classes that training never sees are held out, or samples of each class. */
  readonly split: 'classes' | 'samples'
  /** Share of a folder's classes, or of the samples of each, that are trained on. */
  readonly trainFraction: number
  /** Crops and flips training images at random. */
  readonly augment: boolean
  readonly trunk: TrunkName
  /** A safetensors file with which the trunk begins. */
  readonly weights?: string
  /** As large as suits the data where it is not given. */
  readonly batchSize?: number
  /** Images that go through the networks at once: all of a batch where it is not given. */
  readonly chunkSize?: number
  /** Samples of each class in a batch: m. */
  readonly samplesPerClass: number
  /** Whether classes with fewer samples than that are drawn from with repeats. */
  readonly allowRepeats: boolean
  /** Of trunk and embedder. */
  readonly learningRate: number
  readonly epochs: number
  readonly losses: readonly LossName[]
  readonly embeddingSize: number
  readonly backend: BackendName
  readonly precision: Precision
  readonly seed: number
  /** Where runs are; each has a folder of its own there. */
  readonly output: string
}

/** What is to be done. */
export interface QuickstartCommand {
  readonly options: QuickstartOptions
  /** The run to go on with: its folder, or true for the latest. Absent for a new one. */
  readonly resume?: string | true
  /** Whether the command line names `epochs`. */
  readonly epochsAreGiven: boolean
  /** The port of the live page; true for the usual one, or the next that is free. Absent where there is to be none. */
  readonly live?: number | true
}

interface RawOptions extends Omit<QuickstartOptions, 'losses'> {
  readonly loss: LossName | 'both'
  readonly resume?: string | true
  readonly live?: number | true
}

/** Of no use without a folder. */
const OF_FOLDERS = ['imageSize', 'onCorrupt', 'strict', 'cache', 'split', 'trainFraction'] as const

/** What may stand beside `--resume`; all else is as the run began. */
const OF_RESUMED = ['resume', 'epochs', 'output', 'live']

/** Reads the command line. An unknown flag or a bad value ends the process with one line that names it. */
export function parseCommand(argv: readonly string[]): QuickstartCommand {
  const program = new Command('npm run quickstart --')
    .description('Triplet loss with a MultiSimilarityMiner against ArcFace, on classes that training never saw.')
    .option('--data <folder>', 'an image folder of your own, one subfolder a class (default: Quick, Draw!, 345 classes)')
    .option('--image-size <pixels>', 'side of the images of a folder, 16 or more for the convnet', integer(1), RECIPE.folderImageSize)
    .addOption(new Option('--on-corrupt <what>', 'files of a folder that cannot be decoded: an error, or left out').choices(['error', 'skip']).default('error'))
    .option('--strict', 'count files of a folder as corrupt for defects that leave the picture whole', false)
    .option('--cache <folder>', 'keep the decoded images of a folder there (default: in memory)')
    .addOption(new Option('--split <by>', 'hold out classes of a folder, or samples of each class').choices(['classes', 'samples']).default('classes'))
    .option('--train-fraction <share>', 'share of a folder that is trained on', share, RECIPE.folderTrainFraction)
    .option('--augment', 'crop and flip training images at random', false)
    .addOption(new Option('--trunk <name>', 'what embeds images').choices(TRUNKS).default('convnet'))
    .option('--weights <file>', 'safetensors that the trunk begins with: of torchvision, or a trunk saved here (default: random)')
    .option('--batch-size <count>', `images in a batch (default: ${RECIPE.batchSize}, fewer where there are few classes)`, integer(2))
    .option('--chunk-size <count>', 'images of a batch that go through the networks at once, for batches larger than memory (default: all)', integer(1))
    .option('--samples-per-class <m>', 'images of each class in a batch', integer(1), RECIPE.samplesPerClass)
    .option('--allow-repeats', 'draw images of a class twice where it has fewer than m', false)
    .option('--learning-rate <rate>', 'of trunk and embedder', positive, RECIPE.learningRate)
    .option('--epochs <count>', 'epochs of each loss', integer(1), 5)
    .addOption(new Option('--loss <name>', 'which loss to train').choices([...LOSSES, 'both']).default('both'))
    .option('--embedding-size <size>', 'numbers in an embedding', integer(1), 64)
    .addOption(new Option('--backend <name>', 'what computes').choices(BACKENDS).default('auto'))
    .addOption(new Option('--precision <name>', 'what the layers compute in (bfloat16: native backends)').choices(PRECISIONS).default('float32'))
    .option('--seed <seed>', 'start of everything random', integer(0), 0)
    .option('--output <folder>', 'where runs go, each into a folder of its own', 'runs/quickstart')
    .option('--resume [folder]', 'goes on with a run that was cut off, with its options: the latest in --output, or the one in that folder')
    .option('--live [port]', 'serves a page of the run under way on this machine, at port 7007 or the next that is free, or at that one', integer(0, 65_535))
    .helpOption('-h, --help', 'show this')
    .allowExcessArguments(false)
    .addHelpText('after', '\nExamples:\n  npm run quickstart -- --live\n  npm run quickstart -- --data ./photos --epochs 20 --loss triplet\n  npm run quickstart -- --data ./photos --image-size 64 --augment --on-corrupt skip\n  npm run quickstart -- --resume')
  refuseRepeated(program)
  const { loss, resume, live, ...rest } = program.parse([...argv], { from: 'user' }).opts<RawOptions>()
  refuseIdle(program, rest.data === undefined ? OF_FOLDERS : [], 'is for a folder of images: give --data, too')
  if (resume !== undefined) {
    const others = Object.keys(program.opts()).filter((name) => !OF_RESUMED.includes(name))
    refuseIdle(program, others, 'cannot be changed by --resume: the run goes on with the options that it began with')
  }
  return {
    options: { ...rest, losses: loss === 'both' ? LOSSES : [loss] },
    ...(resume !== undefined && { resume }),
    ...(live !== undefined && { live }),
    epochsAreGiven: program.getOptionValueSource('epochs') === 'cli',
  }
}

/** Ends the process when an option is given twice: of two values one would be dropped. */
function refuseRepeated(program: Command): void {
  const given = new Set<Option>()
  for (const option of program.options) {
    program.on(`option:${option.name()}`, () => {
      const both = option.attributeName() === 'loss' ? ', --loss both for both' : ''
      if (given.has(option)) program.error(`error: option '${option.long!}' is given twice: give it once${both}.`)
      given.add(option)
    })
  }
}

/** Ends the process when an option was given that nobody would read. */
function refuseIdle(program: Command, names: readonly string[], why: string): void {
  const idle = names.find((name) => program.getOptionValueSource(name) === 'cli')
  if (idle === undefined) return
  const flag = program.options.find((option) => option.attributeName() === idle)!.long!
  program.error(`error: option '${flag}' ${why}.`)
}

function share(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value < 1) return value
  throw new InvalidArgumentError('wanted a number between 0 and 1.')
}

function positive(text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError('wanted a number above 0.')
}

function integer(min: number, max = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`wanted an integer of at least ${min}${max === Infinity ? '' : ` and at most ${max}`}.`)
    }
    return value
  }
}
