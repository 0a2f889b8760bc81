import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  backendOption,
  expectCuda,
  integer,
  machine,
  pageOf,
  pythonOption,
  pythonWith,
  runMain,
  say,
  threads,
  versions,
  type MeasuredBackend,
} from '@metric-learning/peer'
import { Command } from 'commander'
import { findGpu } from '@metric-learning/benchmark-step'
import { exportDrawings } from './export-drawings.js'
import { runOurs } from './our-run.js'
import { parityPage } from './parity-page.js'
import { runPml } from './pml-run.js'
import type { RunResult } from './result.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const runs = join(root, 'runs/parity')

const options = new Command('npm run bench:parity --')
  .description('The quickstart’s runs beside the same recipe in PyTorch Metric Learning; writes docs/parity.md.')
  .option('--seeds <count>', 'seeds of each loss', integer(1), 3)
  .option('--epochs <count>', 'epochs of each run', integer(1), 5)
  .addOption(backendOption())
  .addOption(pythonOption())
  .option('--fresh', 'forget finished runs', false)
  .parse()
  .opts<{ seeds: number; epochs: number; backend: MeasuredBackend; python?: string; fresh: boolean }>()

await runMain(async () => {
  if (options.fresh) rmSync(runs, { recursive: true, force: true })
  mkdirSync(runs, { recursive: true })
  const { backend } = options
  const gpu = backend === 'cuda' ? findGpu(process.env, { who: 'bench:parity', fix: "It needs NVIDIA's driver; without `--backend` it runs on the CPU." }) : undefined
  const modules = ['torch', 'pytorch_metric_learning', 'faiss', 'sklearn', 'numpy']
  const python = await pythonWith('pytorch', { modules, python: options.python, say })
  if (gpu) await expectCuda(python, 'bench:parity')
  const drawings = join(runs, 'drawings')
  if (!existsSync(join(drawings, 'test.labels.bin'))) await exportDrawings(drawings)

  const results: RunResult[] = []
  for (let seed = 0; seed < options.seeds; seed++) {
    for (const loss of ['triplet', 'arcface']) {
      const name = `${loss}-${options.epochs}-epochs-seed-${seed}${gpu ? '-cuda' : ''}`
      results.push(await finished(`ours-${name}`, () => runOurs(join(runs, `ours-${name}`), loss, seed, options.epochs, backend)))
      results.push(await finished(`pml-${name}`, () => runPml(python, drawings, loss, seed, options.epochs, gpu ? 'cuda' : 'cpu')))
    }
  }
  const page = parityPage(results, {
    machine: gpu ? `${machine()}; card: ${gpu.name}, driver ${gpu.driver}` : machine(),
    versions: await versions(python),
    threads,
    command: `npm run bench:parity -- --seeds ${options.seeds} --epochs ${options.epochs}${gpu ? ' --backend cuda' : ''}`,
    recipe:
      `Quick, Draw!, 245 classes trained on and 100 held out; ConvNet-4 of width 16, embedding size 64, batches of 64 (m = 4), ` +
      `Adam 1e-3, ${options.epochs} epochs of 382 steps. Triplet: margin 0.05, MultiSimilarityMiner. ArcFace: margin 28.6°, scale 7.7 ([why not 64](../examples/quickstart/README.md#why-arcfaces-scale-is-not-64)), its weights on an Adam at 1e-2.`,
  })
  writeFileSync(pageOf('docs/parity.md', backend), page)
  process.stdout.write(page)
})

/** A finished run from an earlier start, or a new one. */
async function finished(name: string, run: () => Promise<RunResult>): Promise<RunResult> {
  const file = join(runs, `${name}.json`)
  if (existsSync(file)) {
    say(`${name}: of an earlier start; --fresh runs it again`)
    return JSON.parse(readFileSync(file, 'utf8')) as RunResult
  }
  say(`\n${name} …`)
  const result = await run()
  writeFileSync(file, JSON.stringify(result, null, 2))
  return result
}
