import type { MemoryReading } from '../memory-reading.js'

/** How far resident memory may rise and pass for flat, as a share of it. */
export const MOST_RISE = 0.02
/** Share of the readings that are warm-up: caches, pools and the allocator's own fill up. */
const WARM_UP = 0.25

/**
 * Whether memory was flat after the warm-up: always as many tensors, and resident memory never more than {@link MOST_RISE} above
 * that of the first reading which counts.
 */
export function leakVerdict(readings: readonly MemoryReading[]): { readonly isFlat: boolean; readonly text: string } {
  const counted = readings.slice(Math.floor(WARM_UP * readings.length))
  const [first, last] = [counted[0]!, counted.at(-1)!]
  const tensors = [...new Set(counted.map((reading) => reading.tensors))].sort((a, b) => a - b)
  const most = Math.max(...counted.map(({ mebibytes }) => mebibytes))
  const rise = most / first.mebibytes - 1
  const isFlat = tensors.length === 1 && rise <= MOST_RISE
  const text =
    `${isFlat ? 'flat' : 'NOT flat'} from step ${first.step} to ${last.step}: ${tensors.join(', ')} tensors; ${first.mebibytes.toFixed(1)} MiB ` +
    `resident at first, at most ${most.toFixed(1)}, ${(100 * rise).toFixed(2)} % more (up to ${100 * MOST_RISE} % pass)`
  return { isFlat, text }
}
