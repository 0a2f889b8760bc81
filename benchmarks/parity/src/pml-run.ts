import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { METRIC_NAMES, type Metric, type RunResult } from './result.js'
import { runCommand } from './run-command.js'

const here = new URL('..', import.meta.url).pathname

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

interface PmlLine {
  readonly epoch: number
  readonly metrics: Readonly<Record<string, number>>
  readonly images_per_second?: number
}

/** A Python that has PyTorch and PML: the given one, or that of an environment made here once. */
export async function pmlPython(given: string | undefined, say: (line: string) => void): Promise<string> {
  if (given !== undefined) return given
  const environment = join(here, '.venv')
  const python = join(environment, 'bin/python')
  const requirements = join(here, 'requirements.txt')
  /** What was installed, once it was. */
  const installed = join(environment, 'requirements.txt')
  if (!existsSync(installed) || !readFileSync(installed).equals(readFileSync(requirements))) {
    say('Making a Python environment with PyTorch and PyTorch Metric Learning (some minutes) …')
    await runCommand('python3', ['-m', 'venv', environment])
    await runCommand(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements])
    copyFileSync(requirements, installed)
  }
  return python
}

export async function runPml(python: string, data: string, loss: string, seed: number, epochs: number): Promise<RunResult> {
  const args = [join(here, 'pml_quickdraw.py'), '--data', data, '--loss', loss, '--seed', String(seed), '--epochs', String(epochs)]
  const output = await runCommand(python, args)
  const lines = output.trim().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as PmlLine)
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
