/** The inputs of an evaluation, on the host. Labels may have several levels. */
export interface OracleEvaluation {
  readonly query: readonly number[][]
  readonly reference: readonly number[][]
  readonly queryLabels: readonly (readonly number[])[]
  readonly referenceLabels: readonly (readonly number[])[]
  readonly refIncludesQuery: boolean
  /** How many neighbours are looked at; cut to what there is. */
  readonly k: number
  readonly isMatch: (query: readonly number[], reference: readonly number[]) => boolean
}

/** The metrics of neighbours by PyTorch Metric Learning's names, worked out query by query from full sorting. */
export function neighbourMetrics(of: OracleEvaluation): Record<string, number> {
  const { query, reference, queryLabels, referenceLabels, refIncludesQuery, isMatch } = of
  const perQuery = query.flatMap((x, i) => {
    const matches = (j: number) => isMatch(queryLabels[i]!, referenceLabels[j]!)
    const others = reference.map((_, j) => j).filter((j) => !(refIncludesQuery && j === i))
    const relevant = others.filter(matches).length
    if (relevant === 0) return []
    const distance = (j: number) => x.reduce((sum, value, d) => sum + (value - reference[j]![d]!) ** 2, 0)
    const ranked = others.sort((a, b) => distance(a) - distance(b) || a - b).slice(0, of.k)
    return [ofRanking(ranked.map(matches), relevant)]
  })
  const names = Object.keys(perQuery[0]!)
  return Object.fromEntries(names.map((name) => [name, perQuery.reduce((sum, one) => sum + one[name]!, 0) / perQuery.length]))
}

function ofRanking(isHit: readonly boolean[], relevant: number): Record<string, number> {
  const hits = (upTo: number) => isHit.slice(0, upTo).filter(Boolean).length
  const precisions = isHit.map((hit, i) => (hit ? hits(i + 1) / (i + 1) : 0))
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const first = isHit.indexOf(true)
  const depth = Math.min(relevant, isHit.length)
  return {
    mean_average_precision: sum(precisions) / relevant,
    mean_average_precision_at_r: sum(precisions.slice(0, relevant)) / relevant,
    mean_reciprocal_rank: first === -1 ? 0 : 1 / (first + 1),
    precision_at_1: isHit[0] ? 1 : 0,
    r_precision: hits(depth) / depth,
  }
}
