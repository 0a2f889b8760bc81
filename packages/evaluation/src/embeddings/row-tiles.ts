/** A run of rows that is worked on at once. */
export interface RowTile {
  readonly firstRow: number
  readonly rowCount: number
}

/** Cuts rows into tiles that fit a budget; one row at least, however large it is. */
export function* rowTiles(rows: number, bytesPerRow: number, tileBytes: number): Generator<RowTile> {
  const most = Math.max(1, Math.floor(tileBytes / bytesPerRow))
  for (let firstRow = 0; firstRow < rows; firstRow += most) {
    yield { firstRow, rowCount: Math.min(most, rows - firstRow) }
  }
}
