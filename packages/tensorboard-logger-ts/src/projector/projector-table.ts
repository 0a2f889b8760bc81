/** One small picture a row, in one sheet: row by row from the top left, as many as fit across. */
export interface Sprite {
  /** The sheet as PNG, at most 8192 x 8192 pixels; its sides are multiples of the tile's. */
  readonly png: Uint8Array
  /** In pixels. */
  readonly tileWidth: number
  /** In pixels. */
  readonly tileHeight: number
}

/** Points for TensorBoard's embedding projector. */
export interface ProjectorTable {
  /** Shown in the projector; a table of the same name in the folder is replaced. */
  readonly name: string
  /** Row-major float32 [count, dim], finite; at most 100,000 rows, which is what the projector shows. */
  readonly embeddings: Float32Array
  readonly dim: number
  /**
   * What is known of each row, by column: names, classes, numbers to colour by. Tabs and line breaks become
   * spaces; an empty value becomes `(empty)`, for the projector skips empty lines. The name of a single column
   * is not stored, for the projector wants no header then.
   */
  readonly metadata?: Readonly<Record<string, readonly (string | number)[]>>
  readonly sprite?: Sprite
}
