/** The FNV-1a hash of labels, by which the same labels in the same order are known again: an integer of 32 bits, without sign. */
export function labelChecksum(labels: Int32Array): number {
  let hash = 0x811c9dc5
  for (const label of labels) hash = Math.imul(hash ^ label, 0x01000193)
  return hash >>> 0
}
