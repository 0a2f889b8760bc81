import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, OptionError } from '@metric-learning/contracts'
import { describeDataset } from '@metric-learning/plugin-testkit'
import { describe, expect, it } from 'vitest'
import { smallArchives } from './small-archive.fixture.js'
import { tinyImageNet } from './tiny-image-net.js'

const archive = await smallArchives()

/** Two classes, of three and two images, and three to validate. */
const small = () =>
  archive(
    {
      'wnids.txt': 'n02\nn01\n',
      'words.txt': 'n00\tthing\nn01\tgoldfish, Carassius auratus\nn02\tlion\n',
      'val/val_annotations.txt': 'val_0.JPEG\tn02\t0\t32\t44\t62\nval_1.JPEG\tn01\t0\t0\t1\t1\nval_2.JPEG\tn02\t1\t1\t1\t1\n',
    },
    ['train/n02/images/n02_0.JPEG', 'train/n02/images/n02_1.JPEG', 'train/n02/images/n02_10.JPEG', 'train/n01/images/n01_0.JPEG', 'train/n01/images/n01_499.JPEG', 'val/images/val_0.JPEG', 'val/images/val_1.JPEG', 'val/images/val_2.JPEG'],
  )

for (const split of ['train', 'val'] as const) {
  describeDataset(`tinyImageNet, ${split}`, { create: async () => (await tinyImageNet({ root: await small(), imageSize: 4, partial: true }))[split], mistakes: { 'half of an archive': async () => tinyImageNet({ root: await small(), imageSize: 4 }) } })
}

describe('tinyImageNet', () => {
  it('numbers classes by WordNet number, images by their own, alike in both splits', async () => {
    const root = await small()
    const { train, val, skipped } = await tinyImageNet({ root, imageSize: 4, partial: true })
    expect(train.classNames).toEqual(['goldfish, Carassius auratus', 'lion'])
    expect([...train.labels]).toEqual([0, 0, 1, 1, 1])
    expect(skipped.length).toBe(995)
    expect(val.normalization).toBe(train.normalization)
    expect([...(await train.load(Int32Array.of(4))).values.slice(0, 3)]).toEqual([20, 0, 0])
    expect(val.classNames).toEqual(train.classNames)
    expect([...val.labels]).toEqual([1, 0, 1])
    expect([...(await val.load(Int32Array.of(0))).values.slice(0, 3)]).toEqual([50, 0, 0])
  })

  it('reads lists as editors of Windows write them', async () => {
    const root = await small()
    const { train } = await tinyImageNet({ root, imageSize: 4, partial: true })
    await writeFile(join(root, 'wnids.txt'), '\ufeffn02\r\nn01\r\n')
    await writeFile(join(root, 'words.txt'), '\ufeffn01\tgoldfish, Carassius auratus\r\nn02\tlion\r\n')
    const again = await tinyImageNet({ root, imageSize: 4, partial: true })
    expect([again.train.classNames, [...again.train.labels]]).toEqual([train.classNames, [...train.labels]])
  })

  it('names what is missing, and takes a part only when asked to', async () => {
    const root = await small()
    await expect(tinyImageNet({ root, imageSize: 4 })).rejects.toThrow(
      `tinyImageNet: wanted 110000 images in ${root}, got 8; missing are train/n01/images/n01_1.JPEG, train/n01/images/n01_2.JPEG`,
    )
    await rm(join(root, 'words.txt'))
    await expect(tinyImageNet({ root, imageSize: 4, partial: true })).rejects.toThrow(
      `tinyImageNet: wanted wnids.txt, words.txt, train, val/images, val/val_annotations.txt in ${root}, got no words.txt. Extract tiny-imagenet-200.zip again, and pass the folder tiny-imagenet-200 in it as \`root\`.`,
    )
    await expect(tinyImageNet({ root: join(root, 'train'), imageSize: 4 })).rejects.toThrow('got none of them')
    await expect(tinyImageNet({ root: join(root, 'none'), imageSize: 4 })).rejects.toThrow('got no such folder')
  })

  it('says where the archive is, when it is one folder deeper', async () => {
    const outer = await archive({ 'tiny-imagenet-200/wnids.txt': 'n01', 'tiny-imagenet-200/words.txt': 'n01\ta', 'tiny-imagenet-200/val/val_annotations.txt': '' }, ['tiny-imagenet-200/train/n01/images/n01_0.JPEG', 'tiny-imagenet-200/val/images/val_0.JPEG'])
    await expect(tinyImageNet({ root: outer, imageSize: 4 })).rejects.toThrow(`Pass \`root: '${join(outer, 'tiny-imagenet-200')}'\`.`)
  })

  it('does not take files that contradict each other', async () => {
    const root = await small()
    await writeFile(join(root, 'val/val_annotations.txt'), 'val_0.JPEG\tn07\t0\t0\t1\t1\n')
    await expect(tinyImageNet({ root, imageSize: 4, partial: true })).rejects.toThrow('got n07 for val_0.JPEG')
    await writeFile(join(root, 'val/val_annotations.txt'), 'val_0.JPEG\n')
    await expect(tinyImageNet({ root, imageSize: 4, partial: true })).rejects.toThrow(/wanted 2 words in line 1 of .*val_annotations.txt, got "val_0.JPEG"/)
    await writeFile(join(root, 'val/val_annotations.txt'), 'val_0.JPEG\tn02\n')
    await writeFile(join(root, 'words.txt'), 'n01\tgoldfish\n')
    await expect(tinyImageNet({ root, imageSize: 4, partial: true })).rejects.toThrow('got none for n02')
    await writeFile(join(root, 'wnids.txt'), '')
    await expect(tinyImageNet({ root, imageSize: 4, partial: true })).rejects.toThrow(DataError)
  })

  it('rejects options that it does not have', async () => {
    const root = await small()
    await expect(tinyImageNet({ root, imageSize: 4, split: 'val' } as never)).rejects.toThrow(OptionError)
    await expect(tinyImageNet({ root, imageSize: 4, parts: true } as never)).rejects.toThrow(OptionError)
    await expect(tinyImageNet({ root, imageSize: 4, partial: 'yes' as never })).rejects.toThrow(OptionError)
    await expect(tinyImageNet({ root, imageSize: 0 })).rejects.toThrow(OptionError)
  })
})
