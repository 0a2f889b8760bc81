import { Random, type BatchSampler } from '@metric-learning/contracts'

/** Batches of a split, at most: more would take longer than they tell. */
const mostBatches = 50

/** Samples of a class in a batch, where that of training is not known. */
const usualGroup = 4

/**
 * The batches that a loss on a split is the mean of, the same whenever it is evaluated: as large as those of training, with as many
 * samples of a class, so that there are pairs of both kinds. Each sample is there once at most, and classes with one sample are not
 * there; all batches are of one size. A split without two samples of any class gives batches of what there is.
 *
 * @param seed of the run
 */
export function validationBatches(split: string, labels: Int32Array, sampler: BatchSampler, trained: Int32Array, seed: number): readonly Int32Array[] {
  const random = Random.at(seed, `validation loss, ${split}`)
  const ofClass = new Map<number, number[]>()
  labels.forEach((label, row) => {
    const rows = ofClass.get(label)
    if (rows) rows.push(row)
    else ofClass.set(label, [row])
  })
  const size = groupSize(sampler, trained, seed)
  const groups = [...ofClass.values()].flatMap((rows) => groupsOf(random.shuffle(rows), size))
  const rows = groups.length > 0 ? random.shuffle(groups).flat() : random.shuffle([...labels.keys()])
  const batch = Math.min(sampler.batchSize, rows.length)
  return Array.from({ length: Math.min(mostBatches, Math.floor(rows.length / batch)) }, (_, i) => Int32Array.from(rows.slice(i * batch, (i + 1) * batch)))
}

/** Rows of a class in groups of two at least. */
function groupsOf(rows: readonly number[], size: number): number[][] {
  const groups = Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size))
  return groups.filter(({ length }) => length > 1)
}

/** Samples of a class in the first batch of training, the mean of its classes; a sampler that prepares first is not asked. */
function groupSize(sampler: BatchSampler, labels: Int32Array, seed: number): number {
  if (sampler.prepare) return usualGroup
  const rows = sampler.batch({ seed, epoch: 1, batch: 0 })
  return Math.max(2, Math.round(rows.length / new Set(Array.from(rows, (row) => labels[row])).size))
}
