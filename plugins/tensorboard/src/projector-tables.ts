import type { Dataset } from '@metric-learning/contracts'
import type { EmbeddingTable } from '@metric-learning/core'
import type { ProjectorTable, Sprite } from 'tensorboard-logger-ts'
import type { Sprites } from './tensor-board-options.js'

interface DrawnSprite {
  readonly dataset: Dataset
  readonly rows: Int32Array
  readonly sprite: Sprite
}

/** What was taken of a logged table. */
export interface TakenTable {
  /** Finishes the copy; `undefined` where no row is left. */
  readonly finish: (() => Promise<ProjectorTable>) | undefined
  /** Rows that are not finite, which are left out. */
  readonly left: number
}

/** Turns embeddings into tables of the projector, thinned where there are too many rows. */
export class ProjectorTables {
  /** By name of the table: drawn once for the same rows, for the pictures of a dataset do not change. */
  readonly #drawn = new Map<string, DrawnSprite>()

  constructor(
    private readonly maxPoints: number,
    private readonly sprites: Sprites | undefined,
  ) {}

  /**
   * Copies the finite rows of a logged table at once; what it gives back finishes the copy. A table of a dataset has classes, rows
   * and, when asked for, pictures; any other has labels.
   */
  take(tag: string, { embeddings, dim, labels, dataset }: EmbeddingTable): TakenTable {
    const finite = finiteRows(embeddings, dim)
    const count = finite.length
    const rows = thinRows(count, this.maxPoints).map((row) => finite[row]!)
    const names = Array.from(rows, (row) => labels[row]!)
    const table = {
      name: count > this.maxPoints ? `${tag} (${this.maxPoints} of ${count})` : tag,
      embeddings: takeRows(embeddings, dim, rows),
      dim,
      metadata: dataset ? { class: names, row: Array.from(rows) } : { label: names },
    }
    const finish = async () => {
      const sprite = dataset && (await this.#sprite(tag, dataset, rows))
      return sprite ? { ...table, sprite } : table
    }
    return { finish: count > 0 ? finish : undefined, left: labels.length - count }
  }

  async #sprite(tag: string, dataset: Dataset, rows: Int32Array): Promise<Sprite | undefined> {
    if (!this.sprites) return undefined
    const drawn = this.#drawn.get(tag)
    if (drawn?.dataset === dataset && drawn.rows.length === rows.length && drawn.rows.every((row, i) => row === rows[i])) return drawn.sprite
    const { draw, tile } = this.sprites
    const sprite = { png: await draw(dataset, rows, tile), tileWidth: tile, tileHeight: tile }
    this.#drawn.set(tag, { dataset, rows, sprite })
    return sprite
  }
}

/** Numbers of the rows without NaN and infinities. */
function finiteRows(embeddings: Float32Array, dim: number): Int32Array {
  const all = Int32Array.from({ length: embeddings.length / dim }, (_, row) => row)
  return all.filter((row) => embeddings.subarray(row * dim, (row + 1) * dim).every(Number.isFinite))
}

/** Row numbers, evenly spread, of at most `limit` out of `count`. */
function thinRows(count: number, limit: number): Int32Array {
  const kept = Math.min(count, limit)
  return Int32Array.from({ length: kept }, (_, i) => Math.floor((i * count) / kept))
}

function takeRows(embeddings: Float32Array, dim: number, rows: Int32Array): Float32Array {
  const taken = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    taken.set(embeddings.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return taken
}
