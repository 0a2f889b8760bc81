import { DataError, type LoadedSamples } from '@metric-learning/contracts'
import { decodeSample } from '@metric-learning/datasets'
import sharp from 'sharp'

/** Pixels of an image that is decoded, at most. */
const MOST_PIXELS = 50e6
/** Side of a drawing of Quick, Draw!, in pixels; and that at which ink is looked for. */
const [SIDE, SEARCHED_SIDE] = [28, 224]
/** Of the strongest ink, what counts as ink. */
const INK = 0.3

/**
 * An image file as a drawing of Quick, Draw!: grey, white ink on black, cut to the ink, which fills the square from its
 * upper left corner.
 *
 * @throws {DataError} when it is no image, damaged, too large, or all of one colour.
 */
export async function drawingOf(file: Uint8Array): Promise<LoadedSamples> {
  await expectSize(file)
  const { values } = await decodeSample(file, { imageSize: SEARCHED_SIDE, channels: 1 })
  const isOnPaper = isLight(values)
  const ink = Uint8Array.from(values, (value) => (isOnPaper ? 255 - value : value))
  let [lightest, darkest] = [255, 0]
  for (const value of ink) {
    lightest = Math.min(lightest, value)
    darkest = Math.max(darkest, value)
  }
  if (darkest - lightest < 16) {
    throw new DataError({ who: 'search', wanted: 'a drawing', got: 'an image of one colour', fix: 'Draw something.' })
  }
  const strength = ink.map((value) => (255 * (value - lightest)) / (darkest - lightest))
  const box = inkBox(strength)
  const [width, height] = [box.right - box.left + 1, box.bottom - box.top + 1]
  const small = await sharp(strength, { raw: { width: SEARCHED_SIDE, height: SEARCHED_SIDE, channels: 1 } })
    .extract({ left: box.left, top: box.top, width, height })
    .resize(SIDE, SIDE, { fit: 'contain', position: 'left top', background: '#000000' })
    .toColourspace('b-w')
    .raw()
    .toBuffer()
  // Thin lines are pale once they are small.
  const most = small.reduce((high, value) => Math.max(high, value), 1)
  return { values: Uint8Array.from(small, (value) => Math.round((255 * value) / most)), shape: [1, SIDE, SIDE, 1] }
}

/** Whether the edge of an image is light, as paper is. */
function isLight(values: ArrayLike<number>): boolean {
  let [sum, count] = [0, 0]
  for (let i = 0; i < SEARCHED_SIDE; i++) {
    for (const at of [i, (SEARCHED_SIDE - 1) * SEARCHED_SIDE + i, i * SEARCHED_SIDE, i * SEARCHED_SIDE + SEARCHED_SIDE - 1]) {
      sum += values[at]!
      count++
    }
  }
  return sum / count > 127
}

function inkBox(strength: ArrayLike<number>): { left: number; right: number; top: number; bottom: number } {
  const box = { left: SEARCHED_SIDE, right: 0, top: SEARCHED_SIDE, bottom: 0 }
  for (let at = 0; at < strength.length; at++) {
    if (strength[at]! < 255 * INK) continue
    const [x, y] = [at % SEARCHED_SIDE, Math.floor(at / SEARCHED_SIDE)]
    box.left = Math.min(box.left, x)
    box.right = Math.max(box.right, x)
    box.top = Math.min(box.top, y)
    box.bottom = Math.max(box.bottom, y)
  }
  return box
}

/** A small file may hold a huge image. What can't be told here, decoding tells. */
async function expectSize(file: Uint8Array): Promise<void> {
  const { width = 0, height = 0 } = await sharp(file).metadata().catch(() => ({ width: 0, height: 0 }))
  if (width * height <= MOST_PIXELS) return
  throw new DataError({ who: 'search', wanted: `an image of at most ${MOST_PIXELS / 1e6} million pixels`, got: `one of ${width} × ${height}`, fix: 'Send a smaller one.' })
}
