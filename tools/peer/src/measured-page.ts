import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface MeasuredPageOptions {
  /** Where the page is, or will be. */
  readonly file: string
  /** What stands before the table: the heading, how it was measured. */
  readonly before: readonly string[]
  /** Titles of the columns. */
  readonly columns: readonly string[]
  /** How many of them, the first ones, say what a row is about. */
  readonly keys: number
  /** Where a row with these first cells belongs, compared number by number; one below 0: not into the table any more. */
  readonly rank: (keys: readonly string[]) => readonly number[]
  /** One line, after the table: on what machine and with which versions it was measured. */
  readonly circumstances: string
  /** What stands after that. */
  readonly after?: readonly string[]
}

/**
 * A Markdown page with a table whose rows are measured one after the other, in one run or several. The page is written
 * with each row, so that a run that is broken off loses none. Rows that it has already stay until they are measured
 * again, as long as columns and circumstances are the same.
 */
export class MeasuredPage {
  readonly #rows = new Map<string, readonly string[]>()
  readonly #options: MeasuredPageOptions

  constructor(options: MeasuredPageOptions) {
    this.#options = options
    for (const cells of keptRows(options)) this.#rows.set(this.#key(cells), cells)
  }

  /** Rows so far, those of earlier runs included. */
  get count(): number {
    return this.#rows.size
  }

  /** What will happen to the rows that there are, in a line. */
  get outlook(): string {
    const { file } = this.#options
    return this.count === 0 ? `${file} begins anew.` : `${file} keeps ${this.count} rows of earlier runs until they are measured again.`
  }

  /** Takes the cells of a row, instead of those that were measured earlier, and writes the page. */
  put(cells: readonly string[]): void {
    this.#rows.set(this.#key(cells), cells)
    mkdirSync(dirname(this.#options.file), { recursive: true })
    writeFileSync(this.#options.file, this.text())
  }

  text(): string {
    const { before, columns, keys, rank, circumstances, after = [] } = this.#options
    const rows = [...this.#rows.values()].sort((a, b) => compare(rank(a.slice(0, keys)), rank(b.slice(0, keys))))
    const rule = columns.map((_, i) => (i < keys ? '---' : '---:'))
    return [...before, '', ...[columns, rule, ...rows].map(line), '', circumstances, ...after, ''].join('\n')
  }

  #key(cells: readonly string[]): string {
    return cells.slice(0, this.#options.keys).join('|')
  }
}

/** Of two lists of numbers, by the first that differs. */
function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at < 0 ? 0 : a[at]! - b[at]!
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function keptRows({ file, columns, keys, rank, circumstances }: MeasuredPageOptions): string[][] {
  const lines = readIfThere(file).split('\n')
  const title = lines.indexOf(line(columns))
  if (title < 0 || !lines.includes(circumstances)) return []
  const rest = lines.slice(title + 2)
  const end = rest.findIndex((text) => !text.startsWith('| '))
  const rows = rest.slice(0, end).map((text) => text.slice(2, -2).split(' | '))
  return rows.filter((cells) => rank(cells.slice(0, keys)).every((place) => place >= 0))
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
