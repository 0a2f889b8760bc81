import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { foldsOf, loadData, type Experiment, type ResultRow } from '@metric-learning/experiments'
import { exportImages, pythonWith, runProcess } from '@metric-learning/peer'
import { LEARNING_RATE } from './ten-losses.js'

/** Losses of which there is a figure by PyTorch Metric Learning. */
export const BESIDE_PML = ['Contrastive', 'Triplet', 'ArcFace'] as const

const program = fileURLToPath(new URL('../pml_ten_losses.py', import.meta.url))
const MODULES = ['torch', 'pytorch_metric_learning', 'faiss', 'numpy']

/** What {@link runPml} is told. */
export interface PmlSide {
  readonly experiment: Experiment
  /** Where data and lines go; lines that are there are not made again. */
  readonly folder: string
  /** A Python with the modules that are used. Default: one is made. */
  readonly python: string | undefined
  /** Repeats at the same time, each with its share of the threads. */
  readonly jobs: number
  readonly say: (line: string) => void
}

/** All folds of a loss with one seed. */
interface Repeat {
  readonly method: (typeof BESIDE_PML)[number]
  readonly seed: number
}

/** The same protocol with PyTorch Metric Learning: rows as those of an experiment, of methods `<loss>, PML`, in the order of the seeds. */
export async function runPml({ experiment, folder, python: given, jobs, say }: PmlSide): Promise<readonly ResultRow[]> {
  const { epochs, seeds, protocol, testers } = experiment.configuration
  const python = await pythonWith('pytorch', { modules: MODULES, python: given, say })
  mkdirSync(folder, { recursive: true })
  const data = join(folder, 'data')
  if (!existsSync(join(data, 'meta.json'))) {
    const { folds, test } = foldsOf(await loadData(experiment, say), protocol!)
    await exportImages(data, { ...Object.fromEntries(folds.flatMap(({ train, judged }, i) => [[`fold-${i}-train`, train], [`fold-${i}-judged`, judged]])), test })
  }
  const file = join(folder, 'pml.jsonl')
  const [{ GlobalEmbeddingSpaceTester: tester }] = testers as unknown as readonly [{ readonly GlobalEmbeddingSpaceTester: { readonly everyEpochs: number } }]
  const repeats = seeds.flatMap((seed) => BESIDE_PML.map((method): Repeat => ({ method, seed })))
  const left = repeats.filter((repeat) => rowsOf(repeat, file).length === 0)
  const work = async () => {
    for (let repeat = left.shift(); repeat; repeat = left.shift()) {
      const { method, seed } = repeat
      say(`PyTorch Metric Learning: ${method}, seed ${seed}, ${protocol!.folds} folds`)
      const options = { data, method, seed, epochs, 'judge-every': tester.everyEpochs, 'learning-rate': LEARNING_RATE, threads: Math.max(1, Math.floor(availableParallelism() / jobs)) }
      const output = await runProcess(python, [program, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])], { showErrors: true })
      // All lines of a repeat at once: one that was cut off leaves none.
      writeFileSync(file, output, { flag: 'a' })
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return repeats.flatMap((repeat) => rowsOf(repeat, file))
}

/** What was made of a repeat before; nothing where it was not. */
function rowsOf({ method, seed }: Repeat, file: string): readonly ResultRow[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line !== '') : []
  return lines.map((line) => JSON.parse(line) as ResultRow).filter((row) => row.method === `${method}, PML` && row.seed === seed)
}
