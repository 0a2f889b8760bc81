/** An encoded PNG with its size in pixels. */
export interface PngImage {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}
