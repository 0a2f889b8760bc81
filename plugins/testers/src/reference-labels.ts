import type { ClassColumn } from '@metric-learning/contracts'

/**
 * Labels of reference sets, one set after the other, with the numbers that a split has for its classes; others follow. Classes are the same where
 * their names are: sides of a data set that was split by classes both number theirs from 0. Where a set does not name all of its classes, or two
 * alike, numbers are taken as they are.
 */
export function referenceLabels(own: ClassColumn, references: readonly ClassColumn[]): Int32Array {
  const labels = Int32Array.from(references.flatMap((reference) => [...reference.labels]))
  const named = [own, ...references].map(namesOf)
  if (named.some((names) => names === undefined)) return labels
  const numberOf = new Map<string, number>()
  for (const name of named.flatMap((names) => names!)) if (!numberOf.has(name)) numberOf.set(name, numberOf.size)
  return Int32Array.from(references.flatMap(({ labels: ofSet, classNames }) => Array.from(ofSet, (label) => numberOf.get(classNames![label]!)!)))
}

/** Names of classes, where each that there is has one of its own. */
function namesOf({ labels, classNames = [] }: ClassColumn): readonly string[] | undefined {
  return new Set(classNames).size === classNames.length && labels.every((label) => label < classNames.length) ? classNames : undefined
}
