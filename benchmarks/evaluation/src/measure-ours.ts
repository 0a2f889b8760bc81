// Measures one row on our side, alone in its process: prints a Measurement. `measure-ours.ts NAME EMBEDDINGS LABELS`
import { readFileSync } from 'node:fs'
import { useBackend } from '@metric-learning/backend'
import { AccuracyCalculator, KMeans, type MetricName } from '@metric-learning/evaluation'
import { median, residentMemory, say } from '@metric-learning/peer'
import { UsearchIndex } from '@metric-learning/usearch-index'
import { firstRows, type DrawnEmbeddings } from './draw-embeddings.js'
import { inertia } from './inertia.js'
import { measuredRows, type Measurement } from './rows.js'

const [name, embeddingsFile, labelsFile] = process.argv.slice(2) as [string, string, string]
const row = measuredRows.find((one) => one.name === name)!
const { dim, classes } = row

await useBackend('native-cpu', { log: () => undefined })
const whole: DrawnEmbeddings = { embeddings: numbersOf(Float32Array, embeddingsFile), labels: numbersOf(Int32Array, labelsFile) }

console.log(JSON.stringify(row.task === 'approximate' ? await approximate(whole) : await exact(whole)))

async function exact(given: DrawnEmbeddings): Promise<Measurement> {
  // Once on a twentieth, so that code is compiled and threads are there.
  await compute(firstRows(given, Math.max(2 * classes, row.n / 20)))
  const { seconds, values } = await compute(given)
  return { seconds, peak: residentMemory('peak'), values }
}

/** The median of a thousand queries, each a reference of its own, asked alone; memory is that before recall is measured, which takes more. */
async function approximate({ embeddings, labels }: DrawnEmbeddings): Promise<Measurement> {
  const index = new UsearchIndex()
  const from = performance.now()
  await index.add({ embeddings, dim })
  const buildSeconds = (performance.now() - from) / 1000
  say(`  built in ${buildSeconds.toFixed(0)} s`)
  const times: number[] = []
  for (let query = 0; query < 1100; query++) {
    const ids = [Math.floor((query * labels.length) / 1100)]
    const start = performance.now()
    for await (const { rowCount } of index.search({ ids, k: 10 })) if (rowCount !== 1) throw new Error('one query')
    // The first hundred warm up.
    if (query >= 100) times.push((performance.now() - start) / 1000)
  }
  const peak = residentMemory('peak')
  const { recall } = await index.recall({ k: 10 })
  return { seconds: median(times), peak, values: { recall, buildSeconds } }
}

/** The time of what is compared, and the values. */
async function compute(given: DrawnEmbeddings): Promise<Pick<Measurement, 'seconds' | 'values'>> {
  const { embeddings, labels } = given
  const from = performance.now()
  const seconds = () => (performance.now() - from) / 1000
  if (row.task === 'k-means') {
    const clusters = await new KMeans().cluster({ embeddings, dim }, Math.min(classes, labels.length))
    return { seconds: seconds(), values: { inertia: inertia(given, clusters) } }
  }
  const calculator = new AccuracyCalculator({ include: row.metrics as MetricName[], k: 'max_bin_count' })
  const queries = row.queries === undefined ? undefined : firstRows(given, Math.min(row.queries, labels.length / 10))
  let told = performance.now()
  const { metrics } = await calculator.getAccuracy({
    query: { embeddings: queries?.embeddings ?? embeddings, dim },
    queryLabels: queries?.labels ?? labels,
    ...(queries && { reference: { embeddings, dim }, referenceLabels: labels, refIncludesQuery: true }),
    onProgress: (done, total) => {
      if (performance.now() < told + 10_000) return
      told = performance.now()
      say(`  ${done.toLocaleString('en')} of ${total.toLocaleString('en')} queries`)
    },
  })
  // None of these is null: each query has a match.
  return { seconds: seconds(), values: metrics as Record<string, number> }
}

function numbersOf<T>(kind: new (buffer: ArrayBuffer) => T, file: string): T {
  const bytes = readFileSync(file)
  return new kind(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer)
}
