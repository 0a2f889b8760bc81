// `npm run bench:data [-- --images N] [--folder FOLDER]`: decoding into a cache, loading from it, and augmentation, in images a second and megabytes.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@metric-learning/contracts'
import { augmented, imageFolder } from '@metric-learning/datasets'
import { integer, path, residentMemory, runMain, say } from '@metric-learning/peer'
import { Command } from 'commander'
import sharp from 'sharp'

const CLASSES = 200
const BATCH = 64
const SIDE = 64

const command = new Command('npm run bench:data --')
  .description('How fast images are decoded into a cache, loaded from it and augmented, and how much memory that takes.')
  .option('--images <number>', 'JPEGs of 80 by 72 pixels that are written and decoded', integer(400), 100_000)
  .option('--folder <folder>', 'where they are written and left (default: a temporary folder)', path)
  .parse()
const { images, folder: kept } = command.opts<{ images: number; folder?: string }>()

await runMain(async () => {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'bench-data-'))
  try {
    const root = join(folder, 'images')
    if (!existsSync(root)) await write(root)
    const before = residentMemory('now')
    let peak = 0
    let decoded = 0
    const timer = setInterval(() => (peak = Math.max(peak, residentMemory('now'))), 200)
    const at: Record<string, number> = {}
    const onProgress = ({ step }: { step: string }) => {
      at[step] ??= performance.now()
      decoded += Number(step === 'decoding')
    }
    const cache = join(folder, 'cache')
    rmSync(cache, { recursive: true, force: true })
    const dataset = await imageFolder({ root, imageSize: SIDE, cache, onProgress })
    const end = performance.now()
    clearInterval(timer)
    const rate = (count: number, start: number, stop: number) => `${Math.round((1000 * count) / (stop - start))} images/s`
    say(`${availableParallelism()} cores, ${images} JPEGs of 80 by 72 pixels to ${SIDE} by ${SIDE}`)
    say(`identified: ${rate(images, at['identifying']!, at['decoding']!)}; decoded ${decoded}: ${rate(decoded, at['decoding']!, end)}; memory ${mebibytes(before)} to ${mebibytes(peak)} at most; ${mebibytes((images * SIDE ** 2 * 3) / 2 ** 20)} of pixels`)
    const again = performance.now()
    await imageFolder({ root, imageSize: SIDE, cache })
    say(`opened again in ${Math.round(performance.now() - again)} ms`)

    const random = new Random(0)
    const rows = () => Int32Array.from({ length: BATCH }, () => random.int(images))
    const loads = 1500
    for (let i = 0; i < 200; i++) await dataset.load(rows())
    const memory = [residentMemory('now')]
    const start = performance.now()
    for (let i = 1; i <= loads; i++) {
      await dataset.load(rows())
      if (i % (loads / 5) === 0) memory.push(residentMemory('now'))
    }
    say(`loaded from the cache: ${rate(loads * BATCH, start, performance.now())}; memory ${memory.map(mebibytes).join(', ')}`)

    const changed = augmented(dataset, { randomResizedCrop: {}, horizontalFlip: 0.5, colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }, randomErasing: {} })
    const batches = Array.from({ length: 200 }, (_, batch) => ({ seed: 0, epoch: 0, batch, view: 0 }))
    await Promise.all(batches.slice(0, 10).map((position) => changed.load(rows(), position)))
    const started = performance.now()
    for (let i = 0; i < batches.length; i += 4) await Promise.all(batches.slice(i, i + 4).map((position) => changed.load(rows(), position)))
    say(`augmented (crop, flip, colours, erasing), two workers: ${rate(batches.length * BATCH, started, performance.now())}`)
    await changed.dispose()
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true })
  }
})

function mebibytes(value: number): string {
  return `${Math.round(value)} MiB`
}

/** Noise on a colour, each another. */
async function write(root: string): Promise<void> {
  const random = new Random(1)
  const noise = Uint8Array.from({ length: 80 * 72 * 3 + 5000 }, () => random.int(256))
  for (let label = 0; label < CLASSES; label++) mkdirSync(join(root, String(label)), { recursive: true })
  for (let first = 0; first < images; first += 32) {
    await Promise.all(
      Array.from({ length: Math.min(32, images - first) }, async (_, k) => {
        const i = first + k
        const raw = noise.subarray(i % 5000, (i % 5000) + 80 * 72 * 3)
        const jpeg = await sharp(raw, { raw: { width: 80, height: 72, channels: 3 } }).blur(0.5 + (i % 7)).jpeg().toBuffer()
        writeFileSync(join(root, String(i % CLASSES), `${i}.jpg`), jpeg)
      }),
    )
  }
}
