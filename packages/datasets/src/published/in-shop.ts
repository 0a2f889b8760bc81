import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkPublishedOptions, expectParts, malformed, publishedDataset, type PublishedOptions, type PublishedSet, type PublishedSplits, readTable, trainAndTest } from './published-layout.js'

const IMAGES = 52_712
const SPLITS = ['train', 'query', 'gallery']

/**
 * In-Shop Clothes Retrieval (Liu et al., DeepFashion: Powering Robust Clothes Recognition and Retrieval with Rich Annotations,
 * 2016), in the split that was published with it: 25,882 images of 3,997 items in `train`; 14,218 of 3,985 others in `query`, to be
 * looked up among 12,612 of these in `gallery`. Labels start at 0 in `train`; `query` and `gallery` number the same items alike: give the
 * tester one as the split and the other as its references. All are normalised by `train`. The label column `category` has the
 * folders of the images, such as `WOMEN/Dresses`, numbered alike in all splits.
 *
 * `root` is the folder of the benchmark as it is, with list_eval_partition.txt in it or in `Eval`, and the extracted `img` in it or in `Img`.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when parts of the archive are missing or not as published; when files cannot be decoded.
 * @example const { train, query, gallery } = await inShop({ root: 'In-shop Clothes Retrieval Benchmark', imageSize: 227, cache: 'cache' })
 */
export async function inShop(options: PublishedOptions): Promise<PublishedSplits<'train' | 'query' | 'gallery'>> {
  checkPublishedOptions('inShop', options)
  const { root } = options
  const set: PublishedSet = { who: 'inShop', root, archive: 'list_eval_partition.txt and img.zip', folder: 'In-shop Clothes Retrieval Benchmark' }
  const within = (folder: string, name: string) => (existsSync(join(root, folder, name)) ? join(folder, name) : name)
  const [list, pictures] = [within('Eval', 'list_eval_partition.txt'), within('Img', 'img')]
  expectParts(set, [list, pictures])
  // The number of images and the names of the columns come first.
  const rows = (await readTable(set, list, 3, 2)).map(([path, item, of]) => ({ path: path!, file: join(pictures, '..', path!), item: item!, of: of! }))
  for (const { path, of } of rows) if (!SPLITS.includes(of)) throw malformed(set, list, SPLITS.join(', '), `${of} for ${path}`)
  const categories = sortedNames(rows.map(({ path }) => categoryOf(path)))
  const trained = sortedNames(rows.filter(({ of }) => of === 'train').map(({ item }) => item))
  const tested = sortedNames(rows.filter(({ of }) => of !== 'train').map(({ item }) => item))
  const items = [...trained, ...tested]
  if (new Set(items).size < items.length) throw malformed(set, list, 'other items to test than to train on', 'some that are both')
  const [label, category] = [items, categories].map((names) => new Map(names.map((name, i) => [name, i])))
  const all = await publishedDataset(
    set,
    {
      name: 'In-Shop',
      root,
      files: rows.map(({ file }) => file),
      labels: Int32Array.from(rows, ({ item }) => label!.get(item)!),
      classNames: items,
      columns: { category: { labels: Int32Array.from(rows, ({ path }) => category!.get(categoryOf(path))!), classNames: categories } },
      published: IMAGES,
    },
    options,
  )
  const { train, test, skipped, tolerated } = trainAndTest(all, trained.length)
  const splitOf = new Map(rows.map(({ file, of }) => [file, of]))
  const testRows = all.files.filter((_, row) => all.labels[row]! >= trained.length).map((file) => splitOf.get(file))
  const part = (split: 'query' | 'gallery') => test.ofRows(`In-Shop ${split}`, [...testRows.keys()].filter((row) => testRows[row] === split), train.normalization)
  return { train, query: part('query'), gallery: part('gallery'), skipped, tolerated }
}

const categoryOf = (path: string) => path.split('/').slice(1, 3).join('/')

const sortedNames = (names: readonly string[]) => [...new Set(names)].sort()
