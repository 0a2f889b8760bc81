/** Row numbers, evenly spread, of at most `limit` out of `count`. */
export function thinRows(count: number, limit: number): Int32Array {
  const kept = Math.min(count, limit)
  return Int32Array.from({ length: kept }, (_, i) => Math.floor((i * count) / kept))
}
