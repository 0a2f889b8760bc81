/** What a worker is told: a batch, and what happens to each of its images. */
export interface AugmentBatch {
  readonly pixels: Uint8Array
  /** [images, height, width, channels] */
  readonly shape: readonly [number, number, number, number]
  /** [height, width] of what is cut out. */
  readonly window: readonly [number, number]
  /** Pixels put on each side first, all of value `fill`. */
  readonly padding: number
  readonly fill: number
  /** Of each image: top and left of the window in the padded image, and 1 to flip it. */
  readonly placements: Int32Array
}
