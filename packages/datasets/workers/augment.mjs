// Runs in a worker thread: crops, scales, flips, changes the colours of and erases parts of batches of images. Plain JavaScript, since a worker is
// started from a file that Node runs as it is, from the sources as well as from a build. Its messages: src/augmentation/augment-batch.ts.
import { parentPort } from 'node:worker_threads'

parentPort.on('message', (batch) => {
  const pixels = augment(batch)
  parentPort.postMessage(pixels, [pixels.buffer])
})

/** @param {import('../src/augmentation/augment-batch.js').AugmentBatch} batch */
function augment({ pixels, shape: [count, height, width, channels], window: [rows, columns], padding, fill, placements, jitter, erased, erasedValue }) {
  const size = rows * columns * channels
  const result = new Uint8Array(count * size)
  if (padding > 0 && fill !== 0) result.fill(fill)
  for (let n = 0; n < count; n++) {
    const source = pixels.subarray(n * height * width * channels, (n + 1) * height * width * channels)
    const target = result.subarray(n * size, (n + 1) * size)
    const [top, left, high, wide, isFlipped] = placements.subarray(5 * n, 5 * n + 5)
    if (high === rows && wide === columns) cut(source, height, width, channels, top - padding, left - padding, target, rows, columns)
    else scale(source, width, channels, top, left, high, wide, target, rows, columns)
    if (isFlipped === 1) flip(target, rows, columns, channels)
    if (jitter) adjust(target, channels, jitter.subarray(8 * n, 8 * n + 4), jitter.subarray(8 * n + 4, 8 * n + 8))
    if (erased) {
      const [y, x, h, w] = erased.subarray(4 * n, 4 * n + 4)
      for (let row = y; row < y + h; row++) target.fill(erasedValue, (row * columns + x) * channels, (row * columns + x + w) * channels)
    }
  }
  return result
}

/** Copies a window; what is beyond the image is left as it is. */
function cut(source, height, width, channels, top, left, target, rows, columns) {
  const lastRow = Math.min(rows, height - top)
  const firstColumn = Math.max(0, -left)
  const lastColumn = Math.min(columns, width - left)
  for (let row = Math.max(0, -top); row < lastRow; row++) {
    const start = ((top + row) * width + left) * channels
    target.set(source.subarray(start + firstColumn * channels, start + lastColumn * channels), (row * columns + firstColumn) * channels)
  }
}

/**
 * Scales a window as Pillow and torchvision do, bilinear with antialias: an output pixel is the mean of those around its centre, weighted by a
 * triangle that is as wide as two of the coarser pixels; across, then down.
 */
function scale(source, width, channels, top, left, high, wide, target, rows, columns) {
  const line = columns * channels
  const between = new Float32Array(high * line)
  const across = tapsOf(wide, columns)
  for (let y = 0; y < high; y++) {
    const from = ((top + y) * width + left) * channels
    for (let x = 0; x < columns; x++) {
      const first = from + across.first[x] * channels
      const begin = x * across.most
      const end = begin + across.count[x]
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        for (let i = begin, at = first + channel; i < end; i++, at += channels) sum += across.weights[i] * source[at]
        between[y * line + x * channels + channel] = sum
      }
    }
  }
  const down = tapsOf(high, rows)
  for (let y = 0; y < rows; y++) {
    const first = down.first[y] * line
    const begin = y * down.most
    const end = begin + down.count[y]
    for (let x = 0; x < line; x++) {
      let sum = 0
      for (let i = begin, at = first + x; i < end; i++, at += line) sum += down.weights[i] * between[at]
      target[y * line + x] = sum + 0.5
    }
  }
}

/** Which pixels count for each output pixel along an axis, the first and how many, and how much each, in rows of `most`. */
function tapsOf(from, to) {
  const step = from / to
  const reach = Math.max(step, 1)
  const most = 2 * Math.ceil(reach) + 1
  const first = new Int32Array(to)
  const count = new Int32Array(to)
  const weights = new Float64Array(to * most)
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * step
    first[i] = Math.max(0, Math.trunc(centre - reach + 0.5))
    count[i] = Math.min(from, Math.trunc(centre + reach + 0.5)) - first[i]
    let sum = 0
    for (let k = 0; k < count[i]; k++) sum += weights[i * most + k] = Math.max(0, 1 - Math.abs((first[i] + k + 0.5 - centre) / reach))
    for (let k = 0; k < count[i]; k++) weights[i * most + k] /= sum
  }
  return { first, count, weights, most }
}

function flip(image, rows, columns, channels) {
  for (let row = 0; row < rows; row++) {
    for (let left = row * columns * channels, right = left + (columns - 1) * channels; left < right; left += channels, right -= channels) {
      for (let channel = 0; channel < channels; channel++) {
        const kept = image[left + channel]
        image[left + channel] = image[right + channel]
        image[right + channel] = kept
      }
    }
  }
}

const grey = (red, green, blue) => 0.2989 * red + 0.587 * green + 0.114 * blue
const byte = (value) => (value < 0 ? 0 : value > 255 ? 255 : value)

/** torchvision's adjustments; of grey images brightness and contrast alone. */
function adjust(image, channels, order, factors) {
  for (const what of order) {
    const factor = factors[what]
    if (factor === (what === 3 ? 0 : 1) || (what > 1 && channels !== 3)) continue
    if (what === 0) replace(image, factor, 0)
    else if (what === 1) replace(image, factor, (1 - factor) * meanGrey(image, channels))
    else if (what === 2) saturation(image, factor)
    else hue(image, factor)
  }
}

/** Each value v by factor v + rest. */
function replace(image, factor, rest) {
  const values = Uint8Array.from({ length: 256 }, (_, value) => byte(factor * value + rest))
  for (let i = 0; i < image.length; i++) image[i] = values[image[i]]
}

function meanGrey(image, channels) {
  let sum = 0
  for (let i = 0; i < image.length; i += channels) sum += channels === 3 ? Math.trunc(grey(image[i], image[i + 1], image[i + 2])) : image[i]
  return sum / (image.length / channels)
}

function saturation(image, factor) {
  for (let i = 0; i < image.length; i += 3) {
    const red = image[i]
    const green = image[i + 1]
    const blue = image[i + 2]
    const rest = (1 - factor) * Math.trunc(grey(red, green, blue))
    image[i] = byte(factor * red + rest)
    image[i + 1] = byte(factor * green + rest)
    image[i + 2] = byte(factor * blue + rest)
  }
}

/** Turns the hue by a part of the circle, half of it at most: red, green and blue to hue, saturation and value, and back. */
function hue(image, turn) {
  for (let i = 0; i < image.length; i += 3) {
    const red = image[i]
    const green = image[i + 1]
    const blue = image[i + 2]
    const value = Math.max(red, green, blue)
    const chroma = value - Math.min(red, green, blue)
    if (chroma === 0) continue
    const sector = value === red ? (green - blue) / chroma : value === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma
    const turned = 6 * within1(within1(sector / 6 + turn) + 1)
    image[i] = value - chroma * shareAt(5 + turned) + 0.5
    image[i + 1] = value - chroma * shareAt(3 + turned) + 0.5
    image[i + 2] = value - chroma * shareAt(1 + turned) + 0.5
  }
}

const within1 = (part) => (part >= 1 ? part - 1 : part)

/** How much of the chroma a colour lacks, 0 to 1, at so many sixths of the circle. */
function shareAt(sixths) {
  const k = sixths >= 6 ? sixths - 6 : sixths
  return Math.max(0, Math.min(k, 4 - k, 1))
}
