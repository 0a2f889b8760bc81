/** What one turn of one side measured. */
export interface Turn {
  /** Median of its steps. */
  readonly milliseconds: number
  /** Peak of resident memory of the process. */
  readonly peakMegabytes: number
}

/** The sides, in the order of the table. */
export const SIDES = ['compiled', 'eager', 'PyTorch', 'torch.compile'] as const
export type Side = (typeof SIDES)[number]

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
