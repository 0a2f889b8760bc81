/**
 * Grey values of RGB pixels: L = 0.299 R + 0.587 G + 0.114 B of the values as they are stored, by ITU-R BT.601.
 *
 * In the whole numbers of Pillow, to the bit: (19595 R + 38470 G + 7471 B + 32768) >> 16. So pure red, green and blue become 76,
 * 150 and 29, as for torchvision; in linear light they would become 127, 220 and 76.
 *
 * @param rgb [pixels, 3]
 * @returns [pixels]
 */
export function grey(rgb: Uint8Array): Uint8Array {
  const values = new Uint8Array(rgb.length / 3)
  for (let i = 0; i < values.length; i++) {
    values[i] = (19595 * rgb[3 * i]! + 38470 * rgb[3 * i + 1]! + 7471 * rgb[3 * i + 2]! + 32768) >> 16
  }
  return values
}
