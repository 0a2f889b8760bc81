import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { isMetricLearningError } from '@metric-learning/contracts'
import { checkedExperiment, runExperiment, Stopped, writeExperimentReport, writeTables } from '@metric-learning/experiments'
import { Command, Option } from 'commander'
import { integer, pythonOption } from '@metric-learning/peer'
import { BESIDE_PML, runPml } from './pml-side.js'
import { SETS, tenLosses, type BenchmarkSet } from './ten-losses.js'

const say = (line: string) => process.stderr.write(`${line}\n`)

const { set, repeats, jobs, pml, python, output } = new Command('npm run benchmark --')
  .description('Ten losses on Quick, Draw!, emoji and glyphs: four folds, three repeats, 360 runs. The same command goes on with what was cut off.')
  .addOption(new Option('--set <name>', 'one of the sets alone').choices(SETS))
  .addOption(new Option('--repeats <count>', 'repeats of each loss').argParser(integer(1)).default(3))
  .addOption(new Option('--jobs <count>', 'runs that are trained at the same time, each in a process of its own').argParser(integer(1)).default(availableParallelism(), 'one for each processor'))
  .option('--pml', 'Contrastive, Triplet and ArcFace on Quick, Draw! in PyTorch Metric Learning, too, by the same protocol', false)
  .addOption(pythonOption())
  .option('--output <folder>', 'where it goes', 'runs/benchmark')
  .helpOption('-h, --help', 'show this')
  .parse()
  .opts<{ readonly set?: BenchmarkSet; readonly repeats: number; readonly jobs: number; readonly pml: boolean; readonly python?: string; readonly output: string }>()

try {
  const place = resolve(process.env['INIT_CWD'] ?? '.', output)
  const folders: string[] = []
  for (const name of set === undefined ? SETS : [set]) {
    const folder = join(place, name)
    const configuration = tenLosses(name, Array.from({ length: repeats }, (_, seed) => seed))
    const experiment = await checkedExperiment(configuration, { who: 'benchmark', folder: process.cwd() })
    const results = await runExperiment(experiment, { kind: 'sweep', folder, jobs, command: ['npm run benchmark --', ...process.argv.slice(2)].join(' '), say })
    process.stdout.write(`\n${await writeTables(folder, results, experiment.configuration)}\n`)
    folders.push(folder)
    if (pml && name === 'quick-draw') {
      const beside = join(place, 'quick-draw-beside-pml')
      const rows = await runPml({ experiment, folder: beside, python, jobs, say })
      const own = results.rows.filter(({ method }) => BESIDE_PML.some((known) => known === method))
      process.stdout.write(`\n${await writeTables(beside, { ...results, rows: [...own, ...rows] }, { ...experiment.configuration, name: 'quick-draw-beside-pml' })}\n`)
    }
  }
  process.stdout.write(`Report: ${await writeExperimentReport(folders, { output: join(place, 'report.html'), seed: 0, say })}\n`)
} catch (error) {
  if (!(error instanceof Stopped) && !isMetricLearningError(error)) throw error
  say(`\n${error.message}`)
  process.exitCode = 1
}
