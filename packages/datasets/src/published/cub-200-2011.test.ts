import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cub200 } from './cub-200-2011.js'
import { smallArchives } from './small-archive.fixture.js'

const archive = await smallArchives()
const birds = ['001.Black_footed_Albatross/a.jpg', '100.Brown_Pelican/b.jpg', '101.White_Pelican/c.jpg', '200.Common_Yellowthroat/d.jpg']
const small = () =>
  archive(
    {
      'classes.txt': '1 001.Black_footed_Albatross\n100 100.Brown_Pelican\n101 101.White_Pelican\n200 200.Common_Yellowthroat\n',
      'images.txt': birds.map((file, i) => `${i + 1} ${file}`).join('\n'),
      'image_class_labels.txt': '4 200\n3 101\n2 100\n1 1\n',
    },
    birds.map((file) => `images/${file}`),
  )

describe('cub200', () => {
  it('trains on the first 100 classes and tests on the others, numbered from 0', async () => {
    const root = await small()
    const { train, test } = await cub200({ root, imageSize: 4, partial: true })
    expect([train, test].map(({ labels }) => [...labels])).toEqual([[0, 99], [0, 99]])
    expect([train.classNames.length, test.classNames.length]).toEqual([100, 100])
    expect(test.normalization).toBe(train.normalization)
    expect([train.classNames[99], test.classNames[0], test.classNames[99]]).toEqual(['100.Brown_Pelican', '101.White_Pelican', '200.Common_Yellowthroat'])
    expect([...(await test.load(Int32Array.of(1))).values.slice(0, 3)]).toEqual([30, 0, 0])
  })

  it('names what is missing or contradicts', async () => {
    const root = await small()
    await expect(cub200({ root, imageSize: 4 })).rejects.toThrow(`cub200: wanted 11788 images in ${root}, got 4. Extract CUB_200_2011.tgz again, or pass`)
    await expect(cub200({ root: join(root, 'images'), imageSize: 4 })).rejects.toThrow('got none of them')
    await writeFile(join(root, 'images.txt'), [...birds, birds[1]].map((file, i) => `${i + 1} ${file}`).join('\n'))
    await writeFile(join(root, 'image_class_labels.txt'), '1 1\n2 100\n3 101\n4 200\n5 100\n')
    await expect(cub200({ root, imageSize: 4, partial: true })).rejects.toThrow(`wanted each image once in the lists of ${root}, got images/100.Brown_Pelican/b.jpg twice`)
    await writeFile(join(root, 'images.txt'), birds.map((file, i) => `${i + 1} ${file}`).join('\n'))
    await writeFile(join(root, 'image_class_labels.txt'), '1 1\n')
    await expect(cub200({ root, imageSize: 4, partial: true })).rejects.toThrow('got none for 2')
    await writeFile(join(root, 'image_class_labels.txt'), '1 1\n2 one\n')
    await expect(cub200({ root, imageSize: 4, partial: true })).rejects.toThrow('a number from 1')
    await writeFile(join(root, 'image_class_labels.txt'), '1 1\n2 2\n3 101\n4 300\n')
    await expect(cub200({ root, imageSize: 4, partial: true })).rejects.toThrow('got class 2 for images/100.Brown_Pelican/b.jpg')
  })
})
