import { expectKnownOptions, expectNumber, expectText, type Dataset } from '@metric-learning/contracts'

/** Small pictures of the samples, for the projector. */
export interface Sprites {
  /** Draws the given rows of a dataset into one PNG of square tiles, row by row: `spritePng` of `@metric-learning/datasets`. */
  draw(dataset: Dataset, rows: Int32Array, tile: number): Promise<Uint8Array>
  /** Side of a tile, in pixels. The whole sheet may have 8192 x 8192. */
  readonly tile: number
}

export interface TensorBoardOptions {
  /** Where the run is written; made when it is missing. What an earlier run left there is hidden, not deleted. */
  readonly folder: string
  /** Whether logged images are written. Default true. */
  readonly images?: boolean
  /** Whether embedding tables, those of each evaluation among them, are written for the projector. Default true. */
  readonly embeddings?: boolean
  /**
   * Points of a table in the projector; a larger one is thinned evenly, and its name says so. Default 10,000, which is
   * what the projector's UMAP and t-SNE look at; at most 100,000, which is what it shows.
   */
  readonly maxPoints?: number
  /** Pictures of the samples of tables that are of a dataset. Default none. */
  readonly sprites?: Sprites
  /** Of the plugin. Give one where a trainer has two of the kind. Default `'tensorBoard'`. */
  readonly name?: string
}

/**
 * Fills in the defaults.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export function checkedOptions(options: TensorBoardOptions) {
  const who = 'tensorBoard'
  expectKnownOptions(who, options, ['folder', 'images', 'embeddings', 'maxPoints', 'sprites', 'name'])
  const { folder, images = true, embeddings = true, maxPoints = 10_000, sprites, name = who } = options
  expectText(who, 'folder', folder, 'the path of a folder', "Pass one, such as 'runs/first'.")
  expectNumber(who, 'maxPoints', maxPoints, { min: 1, max: 100_000, integer: true })
  if (sprites) expectNumber(who, 'sprites.tile', sprites.tile, { min: 1, max: 8192, integer: true })
  expectText(who, 'name', name, 'a name', "Pass one, such as 'tensorBoardOfLosses'.")
  return { folder, images, embeddings, maxPoints, sprites, name }
}
