import { fileURLToPath } from 'node:url'
import { runProcess, threads } from '@metric-learning/peer'
import { METRIC_NAMES, type Metric, type RunResult } from './result.js'

const program = fileURLToPath(new URL('../pml_quickdraw.py', import.meta.url))

/** PML's names of our metrics. */
const PML_NAMES: Readonly<Record<Metric, string>> = {
  AMI: 'AMI',
  NMI: 'NMI',
  meanAveragePrecision: 'mean_average_precision',
  meanAveragePrecisionAtR: 'mean_average_precision_at_r',
  meanReciprocalRank: 'mean_reciprocal_rank',
  precisionAt1: 'precision_at_1',
  rPrecision: 'r_precision',
}

/** What it prints after each epoch. */
interface PmlLine {
  readonly epoch: number
  readonly metrics: Readonly<Record<string, number>>
  readonly images_per_second?: number
}

/** Runs the recipe with PyTorch and PML, on drawings that were exported. */
export async function runPml(python: string, data: string, loss: string, seed: number, epochs: number, device: 'cpu' | 'cuda'): Promise<RunResult> {
  const options = ['--data', data, '--loss', loss, '--seed', String(seed), '--epochs', String(epochs), '--threads', String(threads), '--device', device]
  const output = await runProcess(python, [program, ...options], { showErrors: true })
  const lines = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as PmlLine)
  const ours = ({ metrics }: PmlLine) =>
    Object.fromEntries(METRIC_NAMES.map((metric) => [metric, metrics[PML_NAMES[metric]]!])) as Record<Metric, number>
  return {
    library: 'PML',
    loss,
    seed,
    untrained: ours(lines[0]!),
    trained: ours(lines.at(-1)!),
    imagesPerSecond: lines.at(-1)!.images_per_second!,
  }
}
