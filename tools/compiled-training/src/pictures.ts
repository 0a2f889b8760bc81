import { Random, type Dataset } from '@metric-learning/contracts'

/** Side of a picture, in pixels. */
export const SIDE = 8

/** Noisy grey pictures, row by row of another class, each class around a pattern of its own. */
export function pictures(classes: number, perClass: number): Dataset {
  const random = new Random(1)
  const size = SIDE * SIDE
  const patterns = Array.from({ length: classes }, () => Float32Array.from({ length: size }, () => random.normal()))
  const labels = Int32Array.from({ length: classes * perClass }, (_, row) => row % classes)
  const pixel = (value: number) => Math.min(255, Math.max(0, Math.round(128 + 40 * value)))
  const pixels = Array.from(labels, (label) => Uint8Array.from(patterns[label]!, (value) => pixel(value + 0.4 * random.normal())))
  return {
    name: 'pictures',
    labels,
    classNames: Array.from({ length: classes }, (_, label) => String(label)),
    sampleShape: [SIDE, SIDE, 1],
    normalization: { mean: [0.5], std: [0.2] },
    load: (rows) => {
      const values = new Uint8Array(rows.length * size)
      rows.forEach((row, i) => {
        values.set(pixels[row]!, i * size)
      })
      return Promise.resolve({ values, shape: [rows.length, SIDE, SIDE, 1] })
    },
  }
}
