/** Embeddings of a batch and of what it is compared with, in double precision. */
export interface OracleInputs {
  readonly x: readonly number[][]
  readonly y: readonly number[][]
}

/** The value that a case gives to an argument of PyTorch Metric Learning, or that argument's default. */
export type Argument = (name: string, fallback: number) => number

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

/** Losses with their default distance on one positive and one negative pair, worked out by hand. */
export const onOnePairEach: Readonly<Record<string, (inputs: OracleInputs, pairs: OnePairEach, arg: Argument) => number>> = {
  CircleLoss: (inputs, pairs, arg) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    const [m, gamma] = [arg('m', 0.4), arg('gamma', 80)]
    return sameAnchor(pairs) ? softplus(-gamma * relu(1 + m - p) * (p - (1 - m)) + gamma * relu(n + m) * (n - m)) : 0
  },
  ContrastiveLoss: (inputs, pairs, arg) => contrastive(similarities(inputs, pairs, between), arg),
  GeneralizedLiftedStructureLoss: (inputs, pairs, arg) => {
    const [p, n] = similarities(inputs, pairs, between)
    const [pull, push] = [p - arg('pos_margin', 0), arg('neg_margin', 1) - n]
    return (sameAnchor(pairs) ? relu(pull + push) : relu(pull) + relu(push)) / inputs.x.length
  },
  IntraPairVarianceLoss: (inputs, pairs, arg) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    return relu(-arg('pos_eps', 0.01) * p) ** 2 + relu(-arg('neg_eps', 0.01) * n) ** 2
  },
  LiftedStructureLoss: (inputs, pairs, arg) => {
    const [p, n] = similarities(inputs, pairs, between)
    const counts = sameAnchor(pairs) || (inputs.x === inputs.y && pairs.anchor2 === pairs.positive)
    return relu(p - arg('pos_margin', 0) + (counts ? arg('neg_margin', 1) - n : 0)) ** 2 / 2
  },
  MultiSimilarityLoss: (inputs, pairs, arg) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    const [alpha, beta, base] = [arg('alpha', 2), arg('beta', 50), arg('base', 0.5)]
    return (softplus(-alpha * (p - base)) / alpha + softplus(beta * (n - base)) / beta) / inputs.x.length
  },
  NTXentLoss: (inputs, pairs, arg) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    return sameAnchor(pairs) ? softplus((n - p) / arg('temperature', 0.07)) : 0
  },
  SignalToNoiseRatioContrastiveLoss: (inputs, pairs, arg) => contrastive(similarities(inputs, pairs, noise), arg),
  SupConLoss: (inputs, pairs, arg) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    return sameAnchor(pairs) ? softplus((n - p) / arg('temperature', 0.1)) : 0
  },
  TupletMarginLoss: (inputs, pairs, arg) => {
    const [p, n] = similarities(inputs, pairs, cosine)
    const margin = (arg('margin', 5.73) * Math.PI) / 180
    return sameAnchor(pairs) ? softplus(arg('scale', 64) * (n - Math.cos(Math.acos(p) - margin))) : 0
  },
}

/** LiftedStructureLoss of Euclidean distances, where the negatives of a positive pair are those of its anchor. */
export function liftedStructureAgainstReferences({ x, y }: OracleInputs, tuples: readonly (readonly number[])[], arg: Argument): number {
  const [posMargin, negMargin] = [arg('pos_margin', 0), arg('neg_margin', 1)]
  const [anchor1, positive, anchor2, negative] = tuples as [number[], number[], number[], number[]]
  return mean(
    anchor1.map((anchor, i) => {
      const push = sum(negative.map((row, j) => (anchor2[j] === anchor ? Math.exp(negMargin - between(x[anchor]!, y[row]!)) : 0)))
      return relu((push > 0 ? Math.log(push) : 0) + between(x[anchor]!, y[positive[i]!]!) - posMargin) ** 2 / 2
    }),
  )
}

/** ThresholdConsistentMarginLoss between two sets. */
export function thresholdConsistentMargin(
  { x, y }: OracleInputs,
  labels: readonly number[],
  refLabels: readonly number[],
  arg: Argument,
): number {
  const [high, low] = [arg('margin_plus', 0.9), arg('margin_minus', 0.5)]
  const cosines = x.flatMap((a, i) => y.map((b, j) => ({ isPositive: labels[i] === refLabels[j], value: cosine(a, b) })))
  const near = cosines.filter(({ isPositive, value }) => !isPositive && value >= low).map(({ value }) => value - low)
  const far = cosines.filter(({ isPositive, value }) => isPositive && value <= high).map(({ value }) => high - value)
  return arg('lambda_plus', 1) * (far.length ? mean(far) : 0) + arg('lambda_minus', 1) * (near.length ? mean(near) : 0)
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

/** The context part of ManifoldLoss. */
export function manifoldContext({ x }: OracleInputs, proxies: readonly number[][], metaClasses: readonly number[], arg: Argument): number {
  const [alpha, margin] = [arg('alpha', 0.8), arg('margin', 5e-4)]
  const all = [...x, ...proxies]
  const kernel = all.map((a, i) => all.map((b, j) => (i === j ? 0 : Math.exp(2 * relu(cosine(a, b))))))
  const roots = kernel.map((row) => Math.sqrt(sum(row)))
  const system = kernel.map((row, i) => row.map((value, j) => Number(i === j) - (alpha * value) / (roots[i]! * roots[j]!)))
  const walks = inverse(system) // a factor leaves cosines as they are
  const losses = x.map((_, i) => {
    const near = proxies.map((_p, k) => cosine(walks[i]!, walks[x.length + k]!))
    const gaps = near.map((value) => value - near[metaClasses[i]!]! + margin)
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
const contrastive = ([p, n]: readonly [number, number], arg: Argument): number =>
  relu(p - arg('pos_margin', 0)) + relu(arg('neg_margin', 1) - n)

function similarities(
  { x, y }: OracleInputs,
  { anchor1, positive, anchor2, negative }: OnePairEach,
  of: (a: readonly number[], b: readonly number[]) => number,
): [number, number] {
  return [of(x[anchor1]!, y[positive]!), of(x[anchor2]!, y[negative]!)]
}
