/**
 * Bytes that a dense tensor beyond the inputs' own size may take: 16 MiB. Where [n, m] over pairs, [n, k, m] over
 * triplets or [n, m, dim] over differences would be larger, blocks of rows are computed one after the other, so that only a few
 * tensors of this size are there at any time.
 */
export const blockBytes = 16 * 2 ** 20

/** How many rows fit into a block when each takes so many float32 values; at least one. */
export function rowsOfBlock(valuesPerRow: number, bytes = blockBytes): number {
  return Math.max(1, Math.floor(bytes / (4 * Math.max(1, valuesPerRow))))
}
