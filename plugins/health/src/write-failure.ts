import { join } from 'node:path'
import type { LoadedSamples } from '@metric-learning/contracts'
import { encodeSafetensors, type HostTensor } from '@metric-learning/models'
import { writeWhole } from '@metric-learning/page'
import type { Diagnosis } from './diagnosis.js'
import { failurePage, shownSamples, type FailurePageParts } from './failure-page.js'
import { samplePictures } from './sample-pictures.js'

/** What is written of a run that broke. */
export interface Failure extends Omit<FailurePageParts, 'pictures' | 'date'> {
  /** The batch as it was loaded, by views; absent where the run failed between steps. */
  readonly views: readonly LoadedSamples[] | undefined
}

/**
 * Writes `index.html`, `failure.json` and, where there was one, `batch.safetensors` into a folder, each whole or not at all.
 *
 * @returns path of the page
 * @throws {DataError} when one can't be written.
 */
export async function writeFailure(folder: string, { views, ...parts }: Failure): Promise<string> {
  const { diagnosis, findings, message, datasetName } = parts
  if (views) await writeWhole('health', join(folder, 'batch.safetensors'), batchFile(views, diagnosis, datasetName))
  // They are in the batch.
  const facts = { message, ...diagnosis, embeddings: undefined, findings }
  await writeWhole('health', join(folder, 'failure.json'), `${JSON.stringify(facts, asText, 2)}\n`)
  const positions = shownSamples(diagnosis.samples).map(({ index }) => index)
  const pictures = views ? await samplePictures(views[0]!, positions) : new Map<number, string>()
  const file = join(folder, 'index.html')
  await writeWhole('health', file, failurePage({ ...parts, pictures, date: new Date() }).markup)
  return file
}

/** JSON has no NaN and no infinity. */
const asText = (_: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)

function batchFile(views: readonly LoadedSamples[], { samples, embeddings, epoch, step }: Diagnosis, datasetName: string): Uint8Array {
  const ofSamples = (value: (sample: Diagnosis['samples'][0]) => number): HostTensor => ({ shape: [samples.length], values: Int32Array.from(samples, value) })
  const tensors = new Map<string, HostTensor>([
    ...views.map(({ shape, values }, i) => [`views.${i}`, { shape, values }] as const),
    ['rows', ofSamples(({ row }) => row)],
    ['labels', ofSamples(({ label }) => label)],
    ...(embeddings ? [['embeddings', embeddings] as const] : []),
  ])
  return encodeSafetensors({ tensors, metadata: { dataset: datasetName, epoch: String(epoch), step: String(step) } })
}
