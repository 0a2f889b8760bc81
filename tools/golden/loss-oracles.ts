/** Embeddings of a batch and of what it is compared with, in double precision. */
export interface OracleInputs {
  readonly x: readonly number[][]
  readonly y: readonly number[][]
}

/** One positive and one negative pair: rows of x and of y. */
export interface OnePairEach {
  readonly anchor1: number
  readonly positive: number
  readonly anchor2: number
  readonly negative: number
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((value, i) => value * b[i]!))
const unit = (a: readonly number[]): number[] => a.map((value) => value / Math.sqrt(dot(a, a)))
const cosine = (a: readonly number[], b: readonly number[]): number => dot(unit(a), unit(b))
const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value - b[i]!)
const between = (a: readonly number[], b: readonly number[]): number => Math.hypot(...minus(unit(a), unit(b)))
const variance = (a: readonly number[]): number => sum(a.map((value) => (value - mean(a)) ** 2)) / (a.length - 1)
const noise = (a: readonly number[], b: readonly number[]): number => variance(minus(unit(a), unit(b))) / variance(unit(a))
const relu = (value: number): number => Math.max(0, value)
const softplus = (value: number): number => relu(value) + Math.log1p(Math.exp(-Math.abs(value)))
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value))

/** Losses with their defaults on one positive and one negative pair, worked out by hand. */
export const onOnePairEach: Readonly<Record<string, (inputs: OracleInputs, pairs: OnePairEach) => number>> = {
  CircleLoss: (inputs, pairs) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    return sameAnchor(pairs) ? softplus(-80 * relu(1.4 - p) * (p - 0.6) + 80 * relu(n + 0.4) * (n - 0.4)) : 0
  },
  ContrastiveLoss: (inputs, pairs) => contrastive(similarities(inputs, pairs, between)),
  GeneralizedLiftedStructureLoss: (inputs, pairs) => {
    const [p, n] = similarities(inputs, pairs, between)
    return (sameAnchor(pairs) ? relu(p + 1 - n) : p + relu(1 - n)) / inputs.x.length
  },
  IntraPairVarianceLoss: (inputs, pairs) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    return relu(-0.01 * p) ** 2 + relu(-0.01 * n) ** 2
  },
  LiftedStructureLoss: (inputs, pairs) => {
    const [p, n] = similarities(inputs, pairs, between)
    const counts = sameAnchor(pairs) || (inputs.x === inputs.y && pairs.anchor2 === pairs.positive)
    return relu(p + (counts ? 1 - n : 0)) ** 2 / 2
  },
  MultiSimilarityLoss: (inputs, pairs) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    return (softplus(-2 * (p - 0.5)) / 2 + softplus(50 * (n - 0.5)) / 50) / inputs.x.length
  },
  NTXentLoss: (inputs, pairs) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    return sameAnchor(pairs) ? softplus((n - p) / 0.07) : 0
  },
  SignalToNoiseRatioContrastiveLoss: (inputs, pairs) => contrastive(similarities(inputs, pairs, noise)),
  SupConLoss: (inputs, pairs) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    return sameAnchor(pairs) ? softplus((n - p) / 0.1) : 0
  },
  TupletMarginLoss: (inputs, pairs) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    return sameAnchor(pairs) ? softplus(64 * (n - Math.cos(Math.acos(p) - (5.73 * Math.PI) / 180))) : 0
  },
}

/** LiftedStructureLoss with its defaults, where the negatives of a positive pair are those of its anchor. */
export function liftedStructureAgainstReferences({ x, y }: OracleInputs, tuples: readonly (readonly number[])[]): number {
  const [anchor1, positive, anchor2, negative] = tuples as [number[], number[], number[], number[]]
  return mean(
    anchor1.map((anchor, i) => {
      const push = sum(negative.map((row, j) => (anchor2[j] === anchor ? Math.exp(1 - between(x[anchor]!, y[row]!)) : 0)))
      return relu((push > 0 ? Math.log(push) : 0) + between(x[anchor]!, y[positive[i]!]!)) ** 2 / 2
    }),
  )
}

/** ThresholdConsistentMarginLoss with its defaults between two sets. */
export function thresholdConsistentMargin({ x, y }: OracleInputs, labels: readonly number[], refLabels: readonly number[]): number {
  const cosines = x.flatMap((a, i) => y.map((b, j) => ({ isPositive: labels[i] === refLabels[j], value: cosine(a, b) })))
  const near = cosines.filter(({ isPositive, value }) => !isPositive && value >= 0.5).map(({ value }) => value - 0.5)
  const far = cosines.filter(({ isPositive, value }) => isPositive && value <= 0.9).map(({ value }) => 0.9 - value)
  return (far.length ? mean(far) : 0) + (near.length ? mean(near) : 0)
}

/** SmoothAPLoss, classes told apart by their labels. */
export function smoothAveragePrecision({ x }: OracleInputs, labels: readonly number[], temperature = 0.01): number {
  const rows = x.map((_, i) => i)
  const losses = rows.map((q) => {
    const ofClass = rows.filter((row) => labels[row] === labels[q])
    const rank = (i: number, among: readonly number[]) =>
      1 + sum(among.filter((j) => j !== i).map((j) => sigmoid((cosine(x[q]!, x[j]!) - cosine(x[q]!, x[i]!)) / temperature)))
    return 1 - mean(ofClass.map((i) => rank(i, ofClass) / rank(i, rows)))
  })
  return mean(losses)
}

/** The context part of ManifoldLoss, on its defaults. */
export function manifoldContext({ x }: OracleInputs, proxies: readonly number[][], metaClasses: readonly number[]): number {
  const all = [...x, ...proxies]
  const kernel = all.map((a, i) => all.map((b, j) => (i === j ? 0 : Math.exp(2 * relu(cosine(a, b))))))
  const roots = kernel.map((row) => Math.sqrt(sum(row)))
  const system = kernel.map((row, i) => row.map((value, j) => Number(i === j) - (0.8 * value) / (roots[i]! * roots[j]!)))
  const walks = inverse(system) // a factor leaves cosines as they are
  const losses = x.map((_, i) => {
    const near = proxies.map((_p, k) => cosine(walks[i]!, walks[x.length + k]!))
    const gaps = near.map((value) => value - near[metaClasses[i]!]! + 5e-4)
    return Math.log1p(sum(gaps.map((gap, k) => (k === metaClasses[i] || gap < 0 ? 0 : Math.exp(gap)))))
  })
  return mean(losses)
}

/** By Gauss-Jordan elimination; of matrices that need no pivots. */
function inverse(matrix: readonly number[][]): number[][] {
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))])
  rows.forEach((_, i) => {
    const pivot = rows[i]!.map((value) => value / rows[i]![i]!)
    rows.forEach((row, j) => {
      rows[j] = j === i ? pivot : row.map((value, k) => value - row[i]! * pivot[k]!)
    })
  })
  return rows.map((row) => row.slice(matrix.length))
}

const sameAnchor = ({ anchor1, anchor2 }: OnePairEach): boolean => anchor1 === anchor2
const contrastive = ([p, n]: readonly [number, number]): number => p + relu(1 - n)

function similarities(
  { x, y }: OracleInputs,
  { anchor1, positive, anchor2, negative }: OnePairEach,
  of: (a: readonly number[], b: readonly number[]) => number,
): [number, number] {
  return [of(x[anchor1]!, y[positive]!), of(x[anchor2]!, y[negative]!)]
}
