import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { integer, machine, median, pythonOption, pythonWith, runMain, runProcess, say, threads, versions } from '@metric-learning/peer'
import { Command } from 'commander'
import { CHECKPOINT_EVERY, type SideSpeed } from './side-speed.js'
import { writeTinyImages } from './tiny-images.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = join(root, 'runs/recipe-speed')

type Side = 'bare' | 'recipe' | 'PyTorch'

const { steps, turns, python: given } = new Command('npm run bench:recipe --')
  .description('Images a second of the whole recipe (decoded cache, augmentation, ResNet50 at 64×64, miner, loss, Adam, logs, checkpoints) beside the bare compiled step, and beside PyTorch with PML and a DataLoader.')
  .option('--steps <count>', 'that are measured, in each turn of a side', integer(1), 20)
  .option('--turns <count>', 'of each side, one after the other by turns; what is given are their medians', integer(1), 5)
  .addOption(pythonOption())
  .helpOption('-h, --help', 'show this')
  .parse()
  .opts<{ readonly steps: number; readonly turns: number; readonly python?: string }>()

await runMain(async () => {
  const python = await pythonWith('pytorch', { modules: ['torch', 'torchvision', 'pytorch_metric_learning'], python: given, say })
  if (!existsSync(join(folder, 'val/val_annotations.txt'))) await writeTinyImages(folder)
  const ours = (side: 'bare' | 'recipe') => {
    // A run begins anew, without checkpoints of an earlier one.
    rmSync(join(folder, 'run'), { recursive: true, force: true })
    return runProcess(process.execPath, [...process.execArgv, fileURLToPath(new URL('speed-side.ts', import.meta.url)), side, folder, String(steps)])
  }
  const peer = () => runProcess(python, [join(root, 'benchmarks/recipe/pml_speed.py'), join(folder, 'train'), String(steps), String(threads)])
  // By turns, since a machine is not as fast at one time as at another.
  const measured: Readonly<Record<Side, SideSpeed>>[] = []
  for (let turn = 1; turn <= turns; turn++) {
    const measure = async (side: Side, output: () => Promise<string>) => {
      say(`turn ${turn} of ${turns}: ${side} …`)
      const found = lastLine(await output())
      say(`  ${found.imagesPerSecond.toFixed(1)} images/s`)
      return found
    }
    measured.push({ bare: await measure('bare', () => ours('bare')), recipe: await measure('recipe', () => ours('recipe')), PyTorch: await measure('PyTorch', peer) })
  }
  const speed = (side: Side) => median(measured.map((turn) => turn[side].imagesPerSecond)).toFixed(1)
  const ratio = (side: Side) => median(measured.map((turn) => turn.recipe.imagesPerSecond / turn[side].imagesPerSecond)).toFixed(2)
  const checkpoint = median(measured.map(({ recipe }) => recipe.checkpointSeconds!)).toFixed(1)
  process.stdout.write(
    [
      `${machine()}; ${JSON.stringify(await versions(python))}`,
      `${steps} steps of 64 images after 20 to warm up (PyTorch 3); medians of ${turns} turns, ratios within a turn`,
      '| side | images/s | recipe / side |',
      '| --- | ---: | ---: |',
      `| the whole recipe, a checkpoint every ${CHECKPOINT_EVERY} steps (${checkpoint} s) | ${speed('recipe')} | |`,
      `| the bare compiled step | ${speed('bare')} | ${ratio('bare')} |`,
      `| PyTorch with PML and a DataLoader | ${speed('PyTorch')} | ${ratio('PyTorch')} |`,
      '',
    ].join('\n'),
  )
})

function lastLine(output: string): SideSpeed {
  return JSON.parse(output.trim().split('\n').at(-1)!) as SideSpeed
}
