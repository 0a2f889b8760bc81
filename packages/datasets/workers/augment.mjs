// Runs in a worker thread: crops and flips batches of images. Plain JavaScript, since a worker is started from a file
// that Node runs as it is, from the sources as well as from a build. Its messages: src/augmentation/augment-batch.ts.
import { parentPort } from 'node:worker_threads'

parentPort.on('message', (batch) => {
  const pixels = augment(batch)
  parentPort.postMessage(pixels, [pixels.buffer])
})

/** @param {import('../src/augmentation/augment-batch.js').AugmentBatch} batch */
function augment({ pixels, shape: [count, height, width, channels], window: [rows, columns], padding, fill, placements }) {
  const result = new Uint8Array(count * rows * columns * channels)
  if (padding > 0 && fill !== 0) result.fill(fill)
  for (let n = 0; n < count; n++) {
    const top = placements[3 * n] - padding
    const left = placements[3 * n + 1] - padding
    const isFlipped = placements[3 * n + 2] === 1
    const firstRow = Math.max(0, -top)
    const lastRow = Math.min(rows, height - top)
    const firstColumn = Math.max(0, -left)
    const lastColumn = Math.min(columns, width - left)
    for (let row = firstRow; row < lastRow; row++) {
      const source = ((n * height + top + row) * width + left) * channels
      const target = (n * rows + row) * columns * channels
      if (!isFlipped) {
        result.set(pixels.subarray(source + firstColumn * channels, source + lastColumn * channels), target + firstColumn * channels)
        continue
      }
      for (let column = firstColumn; column < lastColumn; column++) {
        const from = source + column * channels
        const to = target + (columns - 1 - column) * channels
        for (let channel = 0; channel < channels; channel++) result[to + channel] = pixels[from + channel]
      }
    }
  }
  return result
}
