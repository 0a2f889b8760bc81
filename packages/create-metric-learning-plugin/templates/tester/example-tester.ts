import { BaseTester, type Comparison, type LabelledEmbeddings, type TesterOptions } from '@metric-learning/testers'
import { rowsByLabel } from '@metric-learning/contracts'

/**
 * How much of the spread of embeddings their classes explain:
 *
 *     between = Σ n_c ‖μ_c - μ‖² / Σ ‖x - μ‖²
 *
 * with μ the mean of all embeddings x of a split, μ_c and n_c those of a class. From 0, where all classes have one mean, to 1, where each is one
 * point; larger is better. References play no part. It is logged as `<split>/between`.
 *
 * The correlation ratio η²: Fisher 1925, Statistical Methods for Research Workers. (Put your own formula here, and where it is from.)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ExampleTester extends BaseTester {
  constructor(options: TesterOptions) {
    super({ name: 'ExampleTester', metricNames: ['between'], primaryMetric: 'between' }, options)
  }

  protected override judge({ query }: Comparison) {
    const all = Array.from(query.labels.keys())
    const centre = meanOf(query, all)
    const total = all.reduce((sum, row) => sum + squaredDistance(vector(query, row), centre), 0)
    if (total === 0) return { metrics: { between: null }, reasons: { between: 'All embeddings are one point.' } }
    let between = 0
    for (const rows of rowsByLabel(query.labels).values()) between += rows.length * squaredDistance(meanOf(query, rows), centre)
    return { metrics: { between: between / total } }
  }
}

const vector = ({ embeddings, dim }: LabelledEmbeddings, row: number) => embeddings.subarray(row * dim, (row + 1) * dim)

function meanOf(of: LabelledEmbeddings, rows: ArrayLike<number>): Float64Array {
  const mean = new Float64Array(of.dim)
  for (const row of Array.from(rows)) vector(of, row).forEach((value, i) => (mean[i]! += value / rows.length))
  return mean
}

const squaredDistance = (a: ArrayLike<number>, b: Float64Array): number => b.reduce((sum, value, i) => sum + (value - a[i]!) ** 2, 0)
