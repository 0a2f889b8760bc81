import { describe, expect, it } from 'vitest'
import { smallArchives } from './small-archive.fixture.js'
import { stanfordOnlineProducts } from './stanford-online-products.js'

const archive = await smallArchives()
const header = 'image_id class_id super_class_id path'
const small = () =>
  archive(
    {
      'Ebay_train.txt': `${header}\n1 7 1 bicycle_final/7_0.JPG\n2 3 12 toaster_final/3_0.JPG\n3 7 1 bicycle_final/7_1.JPG\n`,
      'Ebay_test.txt': `${header}\n4 11319 12 toaster_final/11319_0.JPG\n`,
    },
    ['bicycle_final/7_0.JPG', 'toaster_final/3_0.JPG', 'bicycle_final/7_1.JPG', 'toaster_final/11319_0.JPG'],
  )

describe('stanfordOnlineProducts', () => {
  it('follows the lists, with kinds as a column', async () => {
    const root = await small()
    const { train, test } = await stanfordOnlineProducts({ root, imageSize: 4, partial: true })
    expect([[...train.labels], [...test.labels]]).toEqual([[1, 0, 1], [0]])
    expect([train.classNames, test.classNames]).toEqual([['3', '7'], ['11319']])
    const kinds = train.columns!['superClass'] as { labels: Int32Array; classNames: string[] }
    expect([...kinds.labels]).toEqual([0, 11, 0])
    expect([kinds.classNames[0], kinds.classNames[11], kinds.classNames.length]).toEqual(['bicycle', 'toaster', 12])
    expect((test.columns!['superClass'] as { labels: Int32Array }).labels[0]).toBe(11)
  })

  it('names what is missing', async () => {
    const root = await small()
    await expect(stanfordOnlineProducts({ root, imageSize: 4 })).rejects.toThrow(`wanted 120053 images in ${root}, got 4.`)
    const none = await archive({ 'Ebay_train.txt': header, 'Ebay_test.txt': `${header}\n1 1 1 a/b.JPG\n` }, [])
    await expect(stanfordOnlineProducts({ root: none, imageSize: 4, partial: true })).rejects.toThrow('got 0; missing are a/b.JPG. Extract Stanford_Online_Products.zip again.')
    const short = await archive({ 'Ebay_train.txt': header, 'Ebay_test.txt': `${header}\n1 1 a/b.JPG\n` }, [])
    await expect(stanfordOnlineProducts({ root: short, imageSize: 4, partial: true })).rejects.toThrow('4 words in line 2')
    const common = await archive({ 'Ebay_train.txt': `${header}\n1 5 1 a/b.JPG\n`, 'Ebay_test.txt': `${header}\n1 5 1 a/b.JPG\n` }, ['a/b.JPG'])
    await expect(stanfordOnlineProducts({ root: common, imageSize: 4, partial: true })).rejects.toThrow('got product 5')
  })
})
