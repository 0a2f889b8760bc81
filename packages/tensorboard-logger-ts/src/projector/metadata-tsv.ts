import type { ProjectorTable } from './projector-table.js'

/** Columns as lines: tabs between values, with a header when there is more than one column, as the projector wants it. */
export function metadataTsv(metadata: NonNullable<ProjectorTable['metadata']>): string {
  const columns = Object.entries(metadata)
  const rows = (columns[0]?.[1] ?? []).map((_, row) => columns.map(([, values]) => cell(values[row]!)).join('\t'))
  const header = columns.length > 1 ? [columns.map(([name]) => cell(name)).join('\t')] : []
  return [...header, ...rows].map((line) => `${line}\n`).join('')
}

function cell(value: string | number): string {
  const text = String(value).replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
  return text.trim() === '' ? '(empty)' : text
}
