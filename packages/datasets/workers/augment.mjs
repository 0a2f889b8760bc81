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
  const across = taps(wide, columns)
  const down = taps(high, rows)
  const between = new Float32Array(high * columns * channels)
  for (let y = 0, at = 0; y < high; y++) {
    const line = ((top + y) * width + left) * channels
    for (let x = 0; x < columns; x++) {
      const { first, weights } = across[x]
      for (let channel = 0; channel < channels; channel++, at++) {
        let sum = 0
        for (let i = 0, from = line + first * channels + channel; i < weights.length; i++, from += channels) sum += weights[i] * source[from]
        between[at] = sum
      }
    }
  }
  const line = columns * channels
  for (let y = 0, at = 0; y < rows; y++) {
    const { first, weights } = down[y]
    for (let x = 0; x < line; x++, at++) {
      let sum = 0
      for (let i = 0, from = first * line + x; i < weights.length; i++, from += line) sum += weights[i] * between[from]
      target[at] = sum + 0.5
    }
  }
}

/** Which pixels count for each output pixel along an axis, and how much. */
function taps(from, to) {
  const step = from / to
  const reach = Math.max(step, 1)
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * step
    const first = Math.max(0, Math.trunc(centre - reach + 0.5))
    const end = Math.min(from, Math.trunc(centre + reach + 0.5))
    const weights = Float64Array.from({ length: end - first }, (_, k) => Math.max(0, 1 - Math.abs((first + k + 0.5 - centre) / reach)))
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return { first, weights: weights.map((weight) => weight / sum) }
  })
}

function flip(image, rows, columns, channels) {
  for (let row = 0; row < rows; row++) {
    for (let left = 0, right = columns - 1; left < right; left++, right--) {
      for (let channel = 0; channel < channels; channel++) {
        const [a, b] = [(row * columns + left) * channels + channel, (row * columns + right) * channels + channel]
        const kept = image[a]
        image[a] = image[b]
        image[b] = kept
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
    if (what === 0) for (let i = 0; i < image.length; i++) image[i] = byte(factor * image[i])
    else if (what === 1) contrast(image, channels, factor)
    else if (what === 2) saturation(image, factor)
    else hue(image, factor)
  }
}

function contrast(image, channels, factor) {
  let sum = 0
  for (let i = 0; i < image.length; i += channels) sum += channels === 3 ? Math.trunc(grey(image[i], image[i + 1], image[i + 2])) : image[i]
  const rest = (1 - factor) * (sum / (image.length / channels))
  for (let i = 0; i < image.length; i++) image[i] = byte(factor * image[i] + rest)
}

function saturation(image, factor) {
  for (let i = 0; i < image.length; i += 3) {
    const rest = (1 - factor) * Math.trunc(grey(image[i], image[i + 1], image[i + 2]))
    for (let channel = i; channel < i + 3; channel++) image[channel] = byte(factor * image[channel] + rest)
  }
}

/** Turns the hue by a part of the circle: red, green and blue to hue, saturation and value, and back. */
function hue(image, turn) {
  for (let i = 0; i < image.length; i += 3) {
    const [red, green, blue] = [image[i], image[i + 1], image[i + 2]]
    const value = Math.max(red, green, blue)
    const chroma = value - Math.min(red, green, blue)
    if (chroma === 0) continue
    const sector = value === red ? (green - blue) / chroma : value === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma
    const turned = (((sector / 6 + turn) % 1) + 1) % 1
    for (const [channel, offset] of [[0, 5], [1, 3], [2, 1]]) {
      const k = (offset + turned * 6) % 6
      image[i + channel] = value - chroma * Math.max(0, Math.min(k, 4 - k, 1)) + 0.5
    }
  }
}
