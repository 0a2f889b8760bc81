import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadData, Registry, splitData, type Experiment, type PartSpec, type ResultRow } from '@metric-learning/experiments'
import { exportImages, pythonWith, runProcess, threads } from '@metric-learning/peer'
import { HOME } from './recipes.js'

const program = join(HOME, 'pml_recipe.py')

/** What {@link runPml} is told. */
export interface PmlSide {
  readonly experiment: Experiment
  /** Where data and lines go; lines that are there are not made again. */
  readonly folder: string
  /** Of EfficientNet-Lite0; absent: a ResNet18 from scratch. */
  readonly weights: string | undefined
  /** A Python with the modules that are used. Default: one is made. */
  readonly python: string | undefined
  readonly say: (line: string) => void
}

/** The same runs with PyTorch Metric Learning: rows as those of an experiment, of methods `<method>, PML`. */
export async function runPml({ experiment, folder, weights, python: given, say }: PmlSide): Promise<readonly ResultRow[]> {
  const { configuration } = experiment
  const modules = ['torch', 'torchvision', 'pytorch_metric_learning', 'faiss', 'numpy', ...(weights === undefined ? [] : ['efficientnet_lite_pytorch'])]
  const python = await pythonWith('pytorch', { modules, python: given, say })
  const data = join(folder, 'data')
  if (!existsSync(join(data, 'meta.json'))) {
    const { train, judged } = splitData(await loadData(experiment, say), configuration.split)
    await exportImages(data, { train, test: judged })
  }
  const lines = join(folder, 'pml.jsonl')
  const done = () => (existsSync(lines) ? readFileSync(lines, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as ResultRow) : [])
  for (const seed of configuration.seeds) {
    for (const method of Object.keys(configuration.methods)) {
      if (done().some((row) => row.method === `${method}, PML` && row.seed === seed)) continue
      say(`PyTorch Metric Learning: ${method}, seed ${seed}`)
      const options = { data, method, seed, ...trainingOf(experiment), threads, ...(weights !== undefined && { weights }) }
      const text = await runProcess(python, [program, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])], { showErrors: true })
      writeFileSync(lines, text.split('\n').filter((line) => line.startsWith('{')).map((line) => `${line}\n`).join(''), { flag: 'a' })
    }
  }
  return done()
}

/** What the program is told of a recipe; the rest of it is the same in all of them. */
function trainingOf({ configuration: { epochs, sampler, optimizers } }: Experiment) {
  const [, { lengthBeforeNewIter: samples }] = Registry.split(sampler as PartSpec) as readonly [string, { readonly lengthBeforeNewIter: number }]
  const [, { learningRate }] = Registry.split(optimizers['trunk'] as PartSpec) as readonly [string, { readonly learningRate: number }]
  return { epochs, samples, 'learning-rate': learningRate }
}
