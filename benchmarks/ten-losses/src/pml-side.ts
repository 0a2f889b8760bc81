import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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
  readonly say: (line: string) => void
}

/** The same protocol with PyTorch Metric Learning: rows as those of an experiment, of methods `<loss>, PML`. */
export async function runPml({ experiment, folder, python: given, say }: PmlSide): Promise<readonly ResultRow[]> {
  const { epochs, seeds, protocol, testers } = experiment.configuration
  const python = await pythonWith('pytorch', { modules: MODULES, python: given, say })
  mkdirSync(folder, { recursive: true })
  const data = join(folder, 'data')
  if (!existsSync(join(data, 'meta.json'))) {
    const { folds, test } = foldsOf(await loadData(experiment, say), protocol!)
    await exportImages(data, { ...Object.fromEntries(folds.flatMap(({ train, judged }, i) => [[`fold-${i}-train`, train], [`fold-${i}-judged`, judged]])), test })
  }
  const file = join(folder, 'pml.jsonl')
  const done = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const [{ GlobalEmbeddingSpaceTester: tester }] = testers as unknown as readonly [{ readonly GlobalEmbeddingSpaceTester: { readonly everyEpochs: number } }]
  for (const seed of seeds) {
    for (const method of BESIDE_PML) {
      say(`PyTorch Metric Learning: ${method}, seed ${seed}, ${protocol!.folds} folds`)
      const output = await runProcess(
        python,
        [program, '--data', data, '--methods', method, '--seeds', String(seed), '--epochs', String(epochs), '--judge-every', String(tester.everyEpochs), '--learning-rate', String(LEARNING_RATE), ...(done === '' ? [] : ['--done', file])],
        { showErrors: true },
      )
      // All lines of a repeat at once: one that was cut off leaves none.
      writeFileSync(file, output, { flag: 'a' })
    }
  }
  return readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as ResultRow)
}
