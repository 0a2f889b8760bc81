import type { BackendName } from '@metric-learning/backend'
import { PRECISIONS, type Precision } from '@metric-learning/ops'
import { Command, InvalidArgumentError, Option } from 'commander'

/** The two sides of the comparison. */
export const LOSSES = ['triplet', 'arcface'] as const
export type LossName = (typeof LOSSES)[number]

const BACKENDS: readonly BackendName[] = ['auto', 'cuda', 'native-cpu', 'wasm', 'cpu']

/** What the command line asks for. */
export interface QuickstartOptions {
  /** An image folder of one's own; Quick, Draw! otherwise. */
  readonly data?: string
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
}

interface RawOptions extends Omit<QuickstartOptions, 'losses'> {
  readonly loss: LossName | 'both'
  readonly resume?: string | true
}

/** Reads the command line. An unknown flag or a bad value ends the process with one line that names it. */
export function parseCommand(argv: readonly string[]): QuickstartCommand {
  const program = new Command('npm run quickstart --')
    .description('Triplet loss with a MultiSimilarityMiner against ArcFace, on classes that training never saw.')
    .option('--data <folder>', 'an image folder of your own, one subfolder a class (default: Quick, Draw!, 345 classes)')
    .option('--epochs <count>', 'epochs of each loss', integer(1), 5)
    .addOption(new Option('--loss <name>', 'which loss to train').choices([...LOSSES, 'both']).default('both'))
    .option('--embedding-size <size>', 'numbers in an embedding', integer(1), 64)
    .addOption(new Option('--backend <name>', 'what computes').choices(BACKENDS).default('auto'))
    .addOption(new Option('--precision <name>', 'what the layers compute in (bfloat16: native backends)').choices(PRECISIONS).default('float32'))
    .option('--seed <seed>', 'start of everything random', integer(0), 0)
    .option('--output <folder>', 'where runs go, each into a folder of its own', 'runs/quickstart')
    .option('--resume [folder]', 'goes on with a run that was cut off, with its options: the latest in --output, or the one in that folder')
    .helpOption('-h, --help', 'show this')
    .allowExcessArguments(false)
    .addHelpText('after', '\nExamples:\n  npm run quickstart\n  npm run quickstart -- --data ./photos --epochs 20 --loss triplet\n  npm run quickstart -- --resume')
  const { loss, resume, ...rest } = program.parse([...argv], { from: 'user' }).opts<RawOptions>()
  return {
    options: { ...rest, losses: loss === 'both' ? LOSSES : [loss] },
    ...(resume !== undefined && { resume }),
    epochsAreGiven: program.getOptionValueSource('epochs') === 'cli',
  }
}

function integer(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < min) {
      throw new InvalidArgumentError(`wanted an integer of at least ${min}.`)
    }
    return value
  }
}
