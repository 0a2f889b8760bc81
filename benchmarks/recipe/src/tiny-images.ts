import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Random } from '@metric-learning/contracts'
import sharp from 'sharp'

const CLASSES = 20
const PER_CLASS = 32

/** Images of noise in the layout of TinyImageNet: 20 classes of 32 to train on, and one of each beside. */
export async function writeTinyImages(folder: string): Promise<void> {
  const random = new Random(0)
  const wnids = Array.from({ length: CLASSES }, (_, i) => `n${String(i).padStart(8, '0')}`)
  const image = async (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    const small = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.int(256))
    await sharp(small, { raw: { width: 8, height: 8, channels: 3 } }).resize(64, 64).jpeg().toFile(join(folder, path))
  }
  for (const wnid of wnids) for (let i = 0; i < PER_CLASS; i++) await image(`train/${wnid}/images/${wnid}_${i}.JPEG`)
  const annotations = wnids.map((wnid, i) => [`val_${i}.JPEG`, wnid, 0, 0, 63, 63].join('\t'))
  for (const i of wnids.keys()) await image(`val/images/val_${i}.JPEG`)
  writeFileSync(join(folder, 'wnids.txt'), wnids.join('\n'))
  writeFileSync(join(folder, 'words.txt'), wnids.map((wnid) => `${wnid}\tthing`).join('\n'))
  writeFileSync(join(folder, 'val/val_annotations.txt'), annotations.join('\n'))
}
