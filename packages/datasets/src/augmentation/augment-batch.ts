/** What a worker is told: a batch, and what happens to each of its images, in this order. */
export interface AugmentBatch {
  readonly pixels: Uint8Array
  /** [images, height, width, channels] */
  readonly shape: readonly [number, number, number, number]
  /** [height, width] of what comes out. */
  readonly window: readonly [number, number]
  /** Pixels put on each side first, all of value `fill`; 0 where windows are scaled. */
  readonly padding: number
  readonly fill: number
  /** Of each image: top, left, height and width of the window in the padded image, and 1 to flip it. Scaled where it has not the size that comes out. */
  readonly placements: Int32Array
  /** Of each image: the four adjustments in their order (0 brightness, 1 contrast, 2 saturation, 3 hue), then the factor of each by its number. */
  readonly jitter?: Float64Array
  /** Of each image: top, left, height and width of what is erased; 0 high for nothing. */
  readonly erased?: Int32Array
  /** Value of what is erased. */
  readonly erasedValue: number
}
