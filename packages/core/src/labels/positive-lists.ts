import type { Agreement } from './compared-labels.js'

/** For each query the rows of the references with its label; without its own row when the two are the same set. */
export function positiveLists(queries: Int32Array, references: Int32Array, sameSet: boolean): number[][] {
  const rowsOf = new Map<number, number[]>()
  references.forEach((label, row) => {
    const rows = rowsOf.get(label)
    if (rows) rows.push(row)
    else rowsOf.set(label, [row])
  })
  return Array.from(queries, (label, query) => {
    const rows = rowsOf.get(label) ?? []
    return sameSet ? rows.filter((row) => row !== query) : rows
  })
}

/** The same where another comparison than equality says which labels agree. */
export function agreeingLists({ queries, references, agree }: Agreement, sameSet: boolean): number[][] {
  const rows = Array.from(references.keys())
  return Array.from(queries, (label, query) => rows.filter((row) => agree(label, references[row]!) && !(sameSet && row === query)))
}
