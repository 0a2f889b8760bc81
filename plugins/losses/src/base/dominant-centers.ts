/**
 * For each class the row, among all centres, of the centre that most of its samples are nearest to. The first of
 * equals; the first centre of a class without samples.
 *
 * @param cosines of each sample with each centre, row-major [n, numClasses · subCenters]
 * @param classes of the samples, in [0, numClasses)
 */
export function dominantCenters(
  cosines: Float32Array,
  classes: Int32Array,
  numClasses: number,
  subCenters: number,
): Int32Array {
  const width = numClasses * subCenters
  const counts = new Int32Array(width)
  classes.forEach((label, row) => {
    const first = label * subCenters
    const own = cosines.subarray(row * width + first, row * width + first + subCenters)
    counts[first + largest(own)]! += 1
  })
  return Int32Array.from({ length: numClasses }, (_, label) => {
    const first = label * subCenters
    return first + largest(counts.subarray(first, first + subCenters))
  })
}

const largest = (values: Float32Array | Int32Array): number => values.indexOf(Math.max(...values))
