import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { integer, machine, pythonOption, pythonWith, runMain, runProcess, say, threads, versions } from '@metric-learning/peer'
import { Command } from 'commander'
import { CHECKPOINT_EVERY, type SideSpeed } from './side-speed.js'
import { writeTinyImages } from './tiny-images.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = join(root, 'runs/recipe-speed')

const { steps, python: given } = new Command('npm run bench:recipe --')
  .description('Images a second of the whole recipe (decoded cache, augmentation, ResNet50 at 64×64, miner, loss, Adam, logs, checkpoints) beside the bare compiled step, and beside PyTorch with PML and a DataLoader.')
  .option('--steps <count>', 'that are measured, of each side', integer(1), 30)
  .addOption(pythonOption())
  .helpOption('-h, --help', 'show this')
  .parse()
  .opts<{ readonly steps: number; readonly python?: string }>()

await runMain(async () => {
  const python = await pythonWith('pytorch', { modules: ['torch', 'torchvision', 'pytorch_metric_learning'], python: given, say })
  if (!existsSync(join(folder, 'val/val_annotations.txt'))) await writeTinyImages(folder)
  const ours = async (side: 'bare' | 'recipe') => {
    say(`${side} …`)
    return lastLine(await runProcess(process.execPath, [...process.execArgv, fileURLToPath(new URL('speed-side.ts', import.meta.url)), side, folder, String(steps)]))
  }
  // Measured in one run, one after the other.
  const bare = await ours('bare')
  const recipe = await ours('recipe')
  say('PyTorch …')
  const peer = lastLine(await runProcess(python, [join(root, 'benchmarks/recipe/pml_speed.py'), join(folder, 'train'), String(steps), String(threads)]))
  const { imagesPerSecond, checkpointSeconds } = recipe
  process.stdout.write(
    [
      `${machine()}; ${JSON.stringify(await versions(python))}`,
      `${steps} steps of 64 images each, after 3 to warm up`,
      '| side | images/s | recipe / side |',
      '| --- | ---: | ---: |',
      `| the whole recipe, a checkpoint every ${CHECKPOINT_EVERY} steps (${checkpointSeconds!.toFixed(1)} s) | ${imagesPerSecond.toFixed(1)} | |`,
      `| the bare compiled step | ${bare.imagesPerSecond.toFixed(1)} | ${(imagesPerSecond / bare.imagesPerSecond).toFixed(2)} |`,
      `| PyTorch with PML and a DataLoader | ${peer.imagesPerSecond.toFixed(1)} | ${(imagesPerSecond / peer.imagesPerSecond).toFixed(2)} |`,
      '',
    ].join('\n'),
  )
})

function lastLine(output: string): SideSpeed {
  return JSON.parse(output.trim().split('\n').at(-1)!) as SideSpeed
}
