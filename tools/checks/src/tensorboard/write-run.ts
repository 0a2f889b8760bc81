import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EventFileWriter, TensorBoardLoggerError, writeProjector, type ProjectorTable } from 'tensorboard-logger-ts'
import { encodePng } from './encode-png.js'

const POINTS = 300
const DIM = 16
const CLASSES = ['cat', 'dog', 'owl', 'fox', 'bee', 'ü – 象']
const COLOURS = [[220, 60, 50], [40, 120, 200], [240, 180, 40], [60, 160, 90], [140, 90, 180], [90, 90, 90]] as const

const base64 = (bytes: ArrayBufferView) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
const noise = (i: number) => Math.sin(i * 12.9898) * 0.5
const lossAt = (step: number) => Math.exp(-step / 150) + noise(step) / 8
const classOf = (row: number) => row % CLASSES.length

/**
 * Writes a run with every kind of entry into `<folder>/run`, and what `read_run.py` should find there into
 * `<folder>/expected.json`.
 */
export async function writeRun(folder: string): Promise<void> {
  const run = join(folder, 'run')
  const entries = await writeEvents(run)
  const tables = projectorTables()
  await writeProjector(run, [tables[0]!])
  await writeProjector(run, tables.slice(1))
  writeFileSync(join(folder, 'expected.json'), JSON.stringify({ ...entries, tables: tables.map(describeTable) }))
}

async function writeEvents(run: string) {
  const start = 1.7e9
  const scalars: unknown[] = []
  const scalar = (writer: EventFileWriter, tag: string, value: number, step: number, isKept = true) => {
    const wallTime = start + step / 8
    writer.scalar(tag, value, step, wallTime)
    if (isKept) scalars.push({ tag, value: String(value), step, wallTime })
  }

  // A run that stopped after step 340 and goes on from 300: what the first file has from 301 on is obsolete.
  const first = await EventFileWriter.open(run)
  for (let step = 0; step <= 340; step += 10) scalar(first, 'train/loss', lossAt(step), step, step <= 300)
  scalar(first, 'val/precisionAt1', 0, 0)

  const hparams = { 'loss.margin': 0.05, 'loss.swap': true, loss: 'Triplet – 象', 'sampler.m': 4 }
  expectRefused(() => first.sessionStart({ margin: NaN }))
  first.sessionStart(hparams, start)
  await first.close()

  const writer = await EventFileWriter.open(run, { purgeStep: 301 })
  for (let step = 310; step <= 600; step += 10) {
    scalar(writer, 'train/loss', lossAt(step), step)
    if (step % 100 === 0) scalar(writer, 'val/precisionAt1', 1 - Math.exp(-step / 300), step)
  }
  ;[1e-40, -3.4e38, 2 ** 24 + 1].forEach((value, i) => {
    scalar(writer, 'extremes', value, 500 + i)
  })
  ;[NaN, Infinity, -Infinity].forEach((value, i) => {
    scalar(writer, 'not numbers', value, 500 + i)
  })
  scalar(writer, 'a far step', 1, 2 ** 40)
  // Cut within an emoji.
  writer.scalar('cut \ud83d', 1, 500, start)
  scalars.push({ tag: 'cut \ufffd', value: '1', step: 500, wallTime: start })
  expectRefused(() => writer.histogram('train/loss', [1, 2], 500))
  expectRefused(() => writer.scalar('train/loss', undefined as never, 500))

  const images = [400, 500, 600].map((step) => {
    return { tag: 'examples/ramp', step, image: encodePng(96, 64, (x, y) => [x * 2.6, y * 4, step % 256]) }
  })
  images.forEach(({ tag, step, image }) => {
    writer.image(tag, image, step)
  })
  const histograms = [400, 500, 600].map((step) => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => noise(i) * noise(i + 7) * (step / 200) + 1)
    writer.histogram('embeddings/norm', values, step)
    return { tag: 'embeddings/norm', step, values: Array.from(values) }
  })
  const texts = [{ tag: 'notes', step: 600, text: '**bold**, `code`\n\n| a | b |\n|---|---|\n| 1 | ü – 象 |' }]
  texts.forEach(({ tag, step, text }) => {
    writer.text(tag, text, step)
  })
  writer.text('notes', '**bold** | cut \udc00\ud83d', 700)
  texts.push({ tag: 'notes', step: 700, text: '**bold** | cut \ufffd\ufffd' })
  scalar(writer, 'after all', 1, 700)
  writer.sessionEnd('success', start + 100)
  await writer.close()
  const above = await EventFileWriter.open(join(run, '..', 'experiment'))
  above.experiment({ hparams: { 'loss.margin': 'number', 'loss.swap': 'boolean', loss: 'string' }, metrics: ['val/precisionAt1'] }, start)
  await above.close()
  return {
    session: { hparams, start, end: start + 100 },
    scalars,
    images: images.map(({ tag, step, image }) => ({ tag, step, ...image, png: base64(image.png) })),
    histograms,
    texts,
  }
}

/** What TensorBoard could not show never gets into a file. */
function expectRefused(entry: () => void): void {
  try {
    entry()
  } catch (error) {
    if (error instanceof TensorBoardLoggerError && error.code === 'TBL_ARGUMENT') return
    throw error
  }
  throw new Error('An entry was taken that should be refused.')
}

function projectorTables(): readonly ProjectorTable[] {
  const embeddings = Float32Array.from({ length: POINTS * DIM }, (_, i) => {
    const [row, column] = [Math.floor(i / DIM), i % DIM]
    return Math.cos(classOf(row) * (column + 1)) + noise(i)
  })
  const labels = Array.from({ length: POINTS }, (_, row) => CLASSES[classOf(row)]!)
  const tile = 32
  const across = Math.ceil(Math.sqrt(POINTS))
  const sheet = encodePng(across * tile, across * tile, (x, y) => {
    const row = Math.floor(y / tile) * across + Math.floor(x / tile)
    const isInside = Math.hypot((x % tile) - tile / 2, (y % tile) - tile / 2) < tile / 2 - 2
    return isInside && row < POINTS ? COLOURS[classOf(row)]! : [255, 255, 255]
  })
  return [
    {
      name: 'held-out/600',
      embeddings,
      dim: DIM,
      metadata: { class: labels, row: labels.map((_, row) => row) },
      sprite: { png: sheet.png, tileWidth: tile, tileHeight: tile },
    },
    { name: 'cut \ud83d', embeddings: embeddings.slice(0, 10 * DIM), dim: DIM, metadata: { class: labels.slice(0, 10) } },
    { name: 'labels only', embeddings: embeddings.slice(0, 100 * DIM), dim: DIM, metadata: { class: labels.slice(0, 100) } },
    // As raw bytes, TensorBoard would take this one for text.
    { name: 'corners', embeddings: Float32Array.of(0, 0, 0, 0.5, 0, 0, 0, 0.5, 0, 0, 0, 0.5), dim: 3 },
  ]
}

function describeTable({ name, embeddings, dim, metadata, sprite }: ProjectorTable) {
  return {
    name: name.replace('\ud83d', '\ufffd'),
    shape: [embeddings.length / dim, dim],
    embeddings: base64(embeddings),
    metadata: metadata ?? null,
    sprite: sprite ? { png: base64(sprite.png), dim: [sprite.tileWidth, sprite.tileHeight] } : null,
  }
}
