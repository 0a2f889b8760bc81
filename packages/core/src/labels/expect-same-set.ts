import { LabelError, ShapeError } from '../errors/metric-learning-error.js'

/**
 * Where `sameSet` is true, row i of the references is row i of the queries.
 *
 * @throws {ShapeError} when there are fewer references than queries.
 * @throws {LabelError} when labels differ.
 */
export function expectSameSet(queries: Int32Array, references: Int32Array, sameSet: boolean): void {
  if (!sameSet) return
  const fix = 'Pass `sameSet: false`, or put the queries first among the references.'
  if (queries.length > references.length) {
    throw new ShapeError({
      who: 'LabelRelations',
      wanted: 'at least as many references as queries when `sameSet` is true',
      got: `${queries.length} queries and ${references.length} references`,
      fix,
    })
  }
  const other = queries.findIndex((label, row) => label !== references[row])
  if (other === -1) return
  throw new LabelError({
    who: 'LabelRelations',
    wanted: 'row i of the references to be row i of the queries when `sameSet` is true',
    got: `label ${references[other]} against ${queries[other]} in row ${other}`,
    fix,
  })
}
