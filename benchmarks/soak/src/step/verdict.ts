import type { MemoryReading } from '../memory-reading.js'

/**
 * Rise of resident memory that passes for flat. Allocators move it by 0.1 to 0.8 KiB a step on their own, the less the
 * more steps there are; a tensor of tfjs that is left behind shows in their number, however small.
 */
export const MOST_KIB_A_STEP = 1

/**
 * Whether memory was flat over the second half of the readings: always as many tensors, and the straight line that fits
 * resident memory best, in the least squares, rises by at most {@link MOST_KIB_A_STEP}.
 */
export function verdictOf(readings: readonly MemoryReading[]): { readonly isFlat: boolean; readonly text: string } {
  const half = readings.slice(Math.floor(readings.length / 2))
  const tensors = half.map((reading) => reading.tensors)
  const [fewest, most] = [Math.min(...tensors), Math.max(...tensors)]
  const slope = 1024 * slopeOf(half.map(({ step, mebibytes }) => [step, mebibytes]))
  const isFlat = fewest === most && slope <= MOST_KIB_A_STEP
  const [first, last] = [half[0]!, half.at(-1)!]
  const text =
    `${isFlat ? 'flat' : 'NOT flat'} from step ${first.step} to ${last.step}: ` +
    `${fewest === most ? fewest : `${fewest} to ${most}`} tensors, ${first.mebibytes.toFixed(0)} to ${last.mebibytes.toFixed(0)} MiB resident, ` +
    `${slope.toFixed(2)} KiB a step (at most ${MOST_KIB_A_STEP})`
  return { isFlat, text }
}

/** Of the line through points that has the least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const along = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return along / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}
