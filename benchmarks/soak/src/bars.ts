import { Random } from '@metric-learning/contracts'
import { ImageDataset } from '@metric-learning/datasets'

/** Classes of {@link bars}. */
export const CLASSES = 8
/** Side of a picture, in pixels. */
const SIDE = 10

/** Noisy grey pictures of bars, which lie or stand, near each other or far; row by row of another class. */
export function bars(name: string, perClass: number, seed: number): ImageDataset {
  const random = new Random(seed)
  const labels = Int32Array.from({ length: CLASSES * perClass }, (_, row) => row % CLASSES)
  const pixels = new Uint8Array(labels.length * SIDE * SIDE)
  labels.forEach((label, row) => {
    const period = 3 + (label >> 1)
    const shift = random.int(period)
    for (let i = 0; i < SIDE * SIDE; i++) {
      const across = label % 2 === 0 ? Math.floor(i / SIDE) : i % SIDE
      const ink = (across + shift) % period < 2 ? 170 : 60
      pixels[row * SIDE * SIDE + i] = Math.min(255, Math.max(0, Math.round(ink + 40 * random.normal())))
    }
  })
  const classNames = Array.from({ length: CLASSES }, (_, label) => `${label % 2 === 0 ? 'lying' : 'standing'}, ${3 + (label >> 1)} pixels apart`)
  return new ImageDataset({ name, pixels, sampleShape: [SIDE, SIDE, 1], labels, classNames })
}
