import type { Contingency } from './contingency.js'

/** I(U, V) = Σ_ij (n_ij / n) ln(n n_ij / (a_i b_j)), in nats, at least 0. */
export function mutualInformation({ total, rowSizes, columnSizes, cells }: Contingency): number {
  const sum = cells.reduce((information, { row, column, count }) => {
    const logRatio = Math.log(count) + Math.log(total) - Math.log(rowSizes[row]!) - Math.log(columnSizes[column]!)
    const part = (count / total) * logRatio
    return Math.abs(part) < Number.EPSILON ? information : information + part
  }, 0)
  return Math.max(0, sum)
}

/** H(U) = -Σ_i (a_i / n) ln(a_i / n), in nats; 0 for a single class. */
export function entropy(sizes: readonly number[]): number {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  return -sizes.reduce((sum, size) => sum + (size / total) * (Math.log(size) - Math.log(total)), 0)
}
