/** Values that are joined at most: 4 MiB, which stay in a processor's cache from one operation to the next. */
const limit = 2 ** 20

/** Neighbours together as long as they have few values in all; whoever has many is alone. */
export function parameterBatches<T extends { readonly size: number }>(parameters: readonly T[]): T[][] {
  const batches: T[][] = []
  let total = Infinity
  for (const parameter of parameters) {
    total += parameter.size
    if (total > limit) {
      batches.push([parameter])
      total = parameter.size
    } else batches.at(-1)!.push(parameter)
  }
  return batches
}
