import type { Dataset } from '@metric-learning/contracts'
import type { EmbeddingTable, EvaluatedSplit } from '@metric-learning/core'
import type { ProjectorTable, Sprite } from 'tensorboard-logger-ts'
import type { Sprites } from './tensor-board-options.js'
import { thinRows } from './thin-rows.js'

interface DrawnSprite {
  readonly dataset: Dataset
  readonly sprite: Sprite
}

/** Turns embeddings into tables of the projector, thinned where there are too many rows. */
export class ProjectorTables {
  /** By split: drawn once, for the pictures of a dataset do not change. */
  readonly #drawn = new Map<string, DrawnSprite>()

  constructor(
    private readonly maxPoints: number,
    private readonly sprites: Sprites | undefined,
  ) {}

  /** A logged table, with its labels. Copies the embeddings. */
  ofLogged(name: string, { embeddings, dim, labels }: EmbeddingTable): ProjectorTable {
    const count = embeddings.length / dim
    const rows = thinRows(count, this.maxPoints)
    return {
      name: this.#title(name, count),
      embeddings: takeRows(embeddings, dim, rows),
      dim,
      metadata: { label: Array.from(rows, (row) => labels[row]!) },
    }
  }

  /** An evaluated split, with class names, rows of the dataset and, when asked for, pictures. */
  async ofSplit(name: string, { dataset, embeddings, labels, dim }: EvaluatedSplit): Promise<ProjectorTable> {
    const rows = thinRows(labels.length, this.maxPoints)
    const sprite = await this.#sprite(name, dataset, rows)
    return {
      name: this.#title(name, labels.length),
      embeddings: takeRows(embeddings, dim, rows),
      dim,
      metadata: {
        class: Array.from(rows, (row) => dataset.classNames[labels[row]!] ?? String(labels[row])),
        row: Array.from(rows),
      },
      ...(sprite ? { sprite } : {}),
    }
  }

  #title(name: string, count: number): string {
    return count > this.maxPoints ? `${name} (${this.maxPoints} of ${count})` : name
  }

  async #sprite(name: string, dataset: Dataset, rows: Int32Array): Promise<Sprite | undefined> {
    if (!this.sprites) return undefined
    const drawn = this.#drawn.get(name)
    if (drawn?.dataset === dataset) return drawn.sprite
    const { draw, tile } = this.sprites
    const sprite = { png: await draw(dataset, rows, tile), tileWidth: tile, tileHeight: tile }
    this.#drawn.set(name, { dataset, sprite })
    return sprite
  }
}

function takeRows(embeddings: Float32Array, dim: number, rows: Int32Array): Float32Array {
  const taken = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    taken.set(embeddings.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return taken
}
