import { goldenNumber, type GoldenTensor } from './golden-case.js'

/** The rows of a tensor of a golden file. */
export function goldenRows({ shape, data }: GoldenTensor): number[][] {
  const width = shape[1]!
  return Array.from({ length: shape[0]! }, (_, row) => data.slice(row * width, (row + 1) * width).map(goldenNumber))
}
