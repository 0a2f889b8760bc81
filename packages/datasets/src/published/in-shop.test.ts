import { describe, expect, it } from 'vitest'
import { inShop } from './in-shop.js'
import { smallArchives } from './small-archive.fixture.js'

const archive = await smallArchives()
const list = [
  '5',
  'image_name item_id evaluation_status',
  'img/WOMEN/Dresses/id_00000002/02_1_front.jpg                   id_00000002 train',
  'img/MEN/Denim/id_00000009/01_1_front.jpg id_00000009 query',
  'img/MEN/Denim/id_00000009/01_2_side.jpg id_00000009 gallery',
  'img/WOMEN/Dresses/id_00000004/01_2_side.jpg id_00000004 gallery',
  'img/WOMEN/Dresses/id_00000002/02_2_side.jpg id_00000002 train',
].join('\n')
const images = list.split('\n').slice(2).map((line) => line.split(' ')[0]!)

describe('inShop', () => {
  it.each([
    ['in folders', 'Eval/list_eval_partition.txt', 'Img/'],
    ['side by side', 'list_eval_partition.txt', ''],
  ])('numbers items of queries and gallery alike, with list and images %s', async (_, file, folder) => {
    const root = await archive({ [file]: list }, images.map((image) => folder + image))
    const { train, query, gallery } = await inShop({ root, imageSize: 4, partial: true })
    expect([query.normalization, gallery.normalization]).toEqual([train.normalization, train.normalization])
    expect([train.classNames, query.classNames]).toEqual([['id_00000002'], ['id_00000004', 'id_00000009']])
    expect(gallery.classNames).toEqual(query.classNames)
    expect([train, query, gallery].map(({ labels }) => [...labels])).toEqual([[0, 0], [1], [1, 0]])
    const { labels, classNames } = gallery.columns!['category'] as { labels: Int32Array; classNames: string[] }
    expect([...labels].map((label) => classNames[label])).toEqual(['MEN/Denim', 'WOMEN/Dresses'])
    expect([...(await gallery.load(Int32Array.of(1))).values.slice(0, 3)]).toEqual([30, 0, 0])
  })

  it('names what is missing or unknown', async () => {
    const root = await archive({ 'list_eval_partition.txt': list.replace('query', 'validate') }, images)
    await expect(inShop({ root, imageSize: 4, partial: true })).rejects.toThrow('got validate for img/MEN/Denim/id_00000009/01_1_front.jpg')
    await expect(inShop({ root: `${root}/img`, imageSize: 4 })).rejects.toThrow('got none of them')
  })
})
