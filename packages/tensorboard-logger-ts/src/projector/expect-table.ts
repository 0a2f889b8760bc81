import { TensorBoardLoggerError, type TensorBoardLoggerErrorCode } from '../errors/tensorboard-logger-error.js'
import { pngSize } from '../images/png-size.js'
import type { ProjectorTable, Sprite } from './projector-table.js'

/** Rows that the projector asks for (`LIMIT_NUM_POINTS`); it does not show others. */
const MAX_POINTS = 100_000

/** The largest texture, a side, that the projector accepts as sprite. */
const MAX_SPRITE = 8192

/**
 * Checks that the projector can show a table.
 *
 * @throws {TensorBoardLoggerError} `TBL_ARGUMENT`, `TBL_PROJECTOR_LIMIT`
 */
export function expectTable({ name, embeddings, dim, metadata = {}, sprite }: ProjectorTable): void {
  const who = `Projector table "${name}"`
  const refuse = (code: TensorBoardLoggerErrorCode, wanted: string, got: string, fix: string) => {
    throw new TensorBoardLoggerError(code, { who, wanted, got, fix })
  }
  if (name === '') refuse('TBL_ARGUMENT', 'a name', 'none', 'Name the table.')
  const count = embeddings.length / dim
  if (!Number.isInteger(dim) || dim < 1 || !Number.isInteger(count) || count === 0) {
    refuse('TBL_ARGUMENT', 'embeddings of [count, dim]', `${embeddings.length} values with dim ${dim}`, 'Check `dim`.')
  }
  if (count > MAX_POINTS) {
    const limit = `at most ${MAX_POINTS} rows, for the projector shows no more`
    refuse('TBL_PROJECTOR_LIMIT', limit, String(count), 'Choose which rows to show.')
  }
  const broken = embeddings.findIndex((value) => !Number.isFinite(value))
  if (broken >= 0) {
    const place = `${embeddings[broken]} in row ${Math.floor(broken / dim)}`
    refuse('TBL_ARGUMENT', 'finite embeddings', place, 'Leave such rows out.')
  }
  for (const [column, values] of Object.entries(metadata)) {
    if (values.length !== count) {
      const got = `${values.length} in column "${column}"`
      refuse('TBL_ARGUMENT', `${count} values in each column of metadata`, got, 'Give one value a row.')
    }
  }
  if (sprite) expectSprite(who, sprite, count)
}

function expectSprite(who: string, { png, tileWidth, tileHeight }: Sprite, count: number): void {
  const { width, height } = pngSize(who, png)
  const got = `one of ${width} x ${height} with tiles of ${tileWidth} x ${tileHeight}`
  if (Math.max(width, height) > MAX_SPRITE) {
    throw new TensorBoardLoggerError('TBL_PROJECTOR_LIMIT', {
      who,
      wanted: `a sprite of at most ${MAX_SPRITE} x ${MAX_SPRITE} pixels`,
      got,
      fix: 'Show fewer rows, or smaller tiles.',
    })
  }
  const places = Math.floor(width / tileWidth) * Math.floor(height / tileHeight)
  if (width % tileWidth === 0 && height % tileHeight === 0 && places >= count) return
  throw new TensorBoardLoggerError('TBL_ARGUMENT', {
    who,
    wanted: `a sprite of whole tiles for ${count} rows`,
    got,
    fix: 'Fill the last row of the sheet, and check the size of a tile.',
  })
}
