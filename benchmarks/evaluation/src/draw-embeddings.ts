import { Random } from '@metric-learning/contracts'
import type { MeasuredRow } from './rows.js'

/** Embeddings with a label each: row-major float32 [n, dim]. */
export interface DrawnEmbeddings {
  readonly embeddings: Float32Array
  readonly labels: Int32Array
}

/** The embeddings of a row of the table: normal noise around the centre of a class. */
export function drawEmbeddings({ n, dim, classes, shape }: Pick<MeasuredRow, 'n' | 'dim' | 'classes' | 'shape'>): DrawnEmbeddings {
  const { spread, widths = 1, skew = 0, normalized = false, offset = 0, rank = dim, copies = 1 } = shape
  const random = new Random(n + dim + classes)
  const centres = Float32Array.from({ length: classes * dim }, () => spread * random.normal())
  const embeddings = new Float32Array(n * dim)
  const labels = new Int32Array(n)
  for (let row = 0; row < n; row++) {
    const into = embeddings.subarray(row * dim, (row + 1) * dim)
    if (row % copies > 0) {
      labels[row] = labels[row - 1]!
      into.set(embeddings.subarray((row - 1) * dim, row * dim))
      continue
    }
    const label = random.uniform() < skew ? 0 : Math.floor(row / copies) % classes
    const width = 1 + ((widths - 1) * label) / Math.max(1, classes - 1)
    for (let i = 0; i < dim; i++) into[i] = offset + (i < rank ? centres[label * dim + i]! + width * random.normal() : 0)
    labels[row] = label
    if (!normalized) continue
    const norm = Math.hypot(...into)
    for (let i = 0; i < dim; i++) into[i] = into[i]! / norm
  }
  return { embeddings, labels }
}

/** The first rows: as many of one class as of another, where classes take turns. */
export function firstRows({ embeddings, labels }: DrawnEmbeddings, count: number): DrawnEmbeddings {
  return { embeddings: embeddings.subarray(0, (count * embeddings.length) / labels.length), labels: labels.subarray(0, count) }
}
