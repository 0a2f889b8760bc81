/** How many ways there are to choose k of n. Exact up to 2^53. */
export function binomial(n: number, k: number): number {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i
  return Math.round(ways)
}

/**
 * The combination of k of 0 … n - 1, ascending, with that place in the lexicographic order of all; found without the others.
 *
 * @param rank from 0 to below `binomial(n, k)`
 */
export function combinationAt(rank: number, n: number, k: number): number[] {
  const chosen: number[] = []
  let left = rank
  for (let candidate = 0; chosen.length < k; candidate++) {
    const withIt = binomial(n - candidate - 1, k - chosen.length - 1)
    if (left < withIt) chosen.push(candidate)
    else left -= withIt
  }
  return chosen
}
