import type { Contingency } from './contingency.js'

/**
 * E[I] of two labellings with these class sizes when one of them is permuted at random, in nats:
 *
 *     Σ_ij Σ_m (m / n) ln(n m / (a_i b_j)) P(m),
 *     P(m) = a! b! (n-a)! (n-b)! / (n! m! (a-m)! (b-m)! (n-a-b+m)!)
 *
 * with m from max(1, a+b-n) to min(a, b). Pairs of equal sizes are worked out once.
 *
 * @see Vinh, Epps, Bailey (2010), eq. 24a.
 */
export function expectedMutualInformation({ total, rowSizes, columnSizes }: Contingency): number {
  const logFactorial = logFactorials(total)
  const columns = [...countEqual(columnSizes)]
  let sum = 0
  for (const [a, rowsOfSize] of countEqual(rowSizes)) {
    for (const [b, columnsOfSize] of columns) {
      sum += rowsOfSize * columnsOfSize * expectedPart(a, b, total, logFactorial)
    }
  }
  return sum
}

/** What two classes of sizes a and b contribute. */
function expectedPart(a: number, b: number, n: number, logFactorial: Float64Array): number {
  const fixed =
    logFactorial[a]! + logFactorial[b]! + logFactorial[n - a]! + logFactorial[n - b]! - logFactorial[n]!
  const logRatio = Math.log(n) - Math.log(a) - Math.log(b)
  let sum = 0
  for (let m = Math.max(1, a + b - n); m <= Math.min(a, b); m++) {
    const logProbability =
      fixed - logFactorial[m]! - logFactorial[a - m]! - logFactorial[b - m]! - logFactorial[n - a - b + m]!
    sum += (m / n) * (logRatio + Math.log(m)) * Math.exp(logProbability)
  }
  return sum
}

/** ln 0! to ln n!: float64 [n + 1]. Sums of logarithms, compensated (Kahan), so that each is right to its last digits. */
function logFactorials(n: number): Float64Array {
  const table = new Float64Array(n + 1)
  let sum = 0
  let lost = 0
  for (let i = 2; i <= n; i++) {
    const term = Math.log(i) - lost
    const next = sum + term
    lost = next - sum - term
    sum = next
    table[i] = sum
  }
  return table
}

function countEqual(sizes: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1)
  return counts
}
