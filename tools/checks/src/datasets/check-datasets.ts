// `npm run check:datasets [-- FOLDER]`: the glyphs and emoji that npm has are drawn as they are meant to be; pictures of them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emoji, glyphs, spritePng, type DrawingProgress, type ImageDataset } from '@metric-learning/datasets'
import { path, runMain, say } from '@metric-learning/peer'
import { Command } from 'commander'

/** What the pinned packages give. */
const EXPECTED = {
  glyphs: { make: glyphs, train: { images: 22_400, classes: 800 }, test: { images: 5_600, classes: 200 }, perClass: [28, 28] },
  emoji: { make: emoji, train: { images: 4_055, classes: 537 }, test: { images: 4_031, classes: 536 }, perClass: [6, 8] },
} as const

const command = new Command('npm run check:datasets --')
  .description('Fetches and draws glyphs and emoji (148 MB, once), counts what they give, and leaves pictures of them.')
  .argument('[folder]', 'where pictures are left (default: none are)', path)
  .parse()
const folder = command.processedArgs[0] as string | undefined

await runMain(async () => {
  for (const [name, { make, perClass, ...splits }] of Object.entries(EXPECTED)) {
    for (const [split, wanted] of Object.entries(splits) as ['train' | 'test', { images: number; classes: number }][]) {
      const dataset = await make({ split, onProgress: sayNowAndThen(name) })
      const faults = await faultsOf(dataset, wanted, perClass)
      const start = performance.now()
      await make({ split, onProgress: () => faults.push('it is drawn again') })
      const again = Math.round(performance.now() - start)
      say(`${dataset.name}: ${dataset.labels.length} images of ${dataset.classNames.length} classes; opened again in ${again} ms${faults.map((fault) => `; WRONG: ${fault}`).join('')}`)
      if (faults.length > 0) process.exitCode = 1
      if (folder === undefined) continue
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `${name}-${split}.png`), await spritePng(dataset, Int32Array.from({ length: 900 }, (_, row) => row), 32))
    }
  }
})

function sayNowAndThen(name: string): (progress: DrawingProgress) => void {
  let next = 0
  return ({ step, done, total }) => {
    if (done < total && done < next) return
    const [unit, scale] = step === 'fetching' ? [' MB', 1e6] : [' images', 1]
    say(`${name}: ${step} ${Math.round(done / scale)} of ${Math.round(total / scale)}${unit}`)
    next = done === total ? 0 : done + total / 5
  }
}

async function faultsOf(dataset: ImageDataset, { images, classes }: { images: number; classes: number }, [least, most]: readonly [number, number]): Promise<string[]> {
  const counts = new Map<number, number>()
  for (const label of dataset.labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const { values } = await dataset.load(Int32Array.from(dataset.labels.keys()))
  const size = values.length / dataset.labels.length
  const isBlank = (row: number) => values.subarray(row * size, (row + 1) * size).every((value) => value === values[row * size])
  const blank = [...dataset.labels.keys()].filter(isBlank)
  return [
    ...(dataset.labels.length === images ? [] : [`${images} images are wanted`]),
    ...(dataset.classNames.length === classes ? [] : [`${classes} classes are wanted`]),
    ...([...counts.values()].every((count) => count >= least && count <= most) ? [] : [`classes of ${least} to ${most} images are wanted`]),
    ...(blank.length === 0 ? [] : [`${blank.length} images of one colour, such as row ${blank[0]}`]),
  ]
}
