/** ln 0! to ln n!: float64 [n + 1]. Sums of logarithms, compensated (Kahan), so that each is right to its last digits. */
export function logFactorials(n: number): Float64Array {
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
