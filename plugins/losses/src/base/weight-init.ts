import type { Random } from '@metric-learning/contracts'

/** Makes the first values of a matrix of learnable weights, row-major. */
export type WeightInit = (shape: readonly [rows: number, columns: number], random: Random) => Float32Array

const fill = ([rows, columns]: readonly [number, number], draw: () => number): Float32Array =>
  Float32Array.from({ length: rows * columns }, draw)

/** From N(0, 1). */
export const standardNormal: WeightInit = (shape, random) => fill(shape, () => random.normal())

/** From N(0, 2 / rows): He et al. (2015), with the rows as what a weight fans out to. */
export const kaimingNormal: WeightInit = (shape, random) => {
  const deviation = Math.sqrt(2 / shape[0])
  return fill(shape, () => deviation * random.normal())
}

/** From the uniform distribution over ±1 / √columns: He et al. (2015) with a slope of √5, PyTorch's own for linear layers. */
export const kaimingUniform: WeightInit = (shape, random) => {
  const bound = 1 / Math.sqrt(shape[1])
  return fill(shape, () => bound * (2 * random.uniform() - 1))
}

/** From the uniform distribution over ±1. */
export const uniform: WeightInit = (shape, random) => fill(shape, () => 2 * random.uniform() - 1)
