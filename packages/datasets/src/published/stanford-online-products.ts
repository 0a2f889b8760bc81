import { checkPublishedOptions, expectParts, trainAndTest, malformed, numberIn, publishedDataset, type PublishedOptions, type PublishedSet, type PublishedSplits, readTable } from './published-layout.js'

const IMAGES = 120_053
const LISTS = ['Ebay_train.txt', 'Ebay_test.txt'] as const

/**
 * Stanford Online Products (Song et al., Deep Metric Learning via Lifted Structured Feature Embedding, 2016): photos of products
 * of eBay, two to twelve of each, in the split that was published with them: 59,551 of 11,318 products to train on, 60,502 of 11,316
 * others to test. Labels start at 0 in each split, a class is named by its number, and both are normalised by the first. The label column `superClass` has the twelve kinds of products, numbered alike in both splits.
 *
 * `root` is the folder Stanford_Online_Products of Stanford_Online_Products.zip as it is: Ebay_train.txt, Ebay_test.txt and a
 * folder of images for each kind.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when parts of the archive are missing or not as published; when files cannot be decoded.
 * @example const { train, test } = await stanfordOnlineProducts({ root: 'Stanford_Online_Products', imageSize: 227, cache: 'cache' })
 */
export async function stanfordOnlineProducts(options: PublishedOptions): Promise<PublishedSplits<'train' | 'test'>> {
  checkPublishedOptions('stanfordOnlineProducts', options)
  const { root } = options
  const set: PublishedSet = { who: 'stanfordOnlineProducts', root, archive: 'Stanford_Online_Products.zip', folder: 'Stanford_Online_Products' }
  expectParts(set, LISTS)
  const [forTraining, others] = [await readList(set, LISTS[0]), await readList(set, LISTS[1])]
  const [trained, tested] = [productsOf(forTraining), productsOf(others)]
  const isTrained = new Set(trained)
  const common = tested.find((product) => isTrained.has(product))
  if (common !== undefined) throw malformed(set, LISTS[1], `products that are not in ${LISTS[0]}`, `product ${common}`)
  const products = [...trained, ...tested]
  const label = new Map(products.map((product, i) => [product, i]))
  const rows = [...forTraining, ...others]
  const all = await publishedDataset(
    set,
    {
      name: 'Stanford Online Products',
      root,
      files: rows.map(({ file }) => file),
      labels: Int32Array.from(rows, ({ product }) => label.get(product)!),
      classNames: products.map(String),
      columns: { superClass: { labels: Int32Array.from(rows, ({ kind }) => kind - 1), classNames: kindNames(rows) } },
      published: IMAGES,
    },
    options,
  )
  return trainAndTest(all, trained.length)
}

interface Photo {
  readonly product: number
  readonly kind: number
  readonly file: string
}

/** Number of the image, of the product and of its kind, and the file. */
const readList = async (set: PublishedSet, list: string): Promise<Photo[]> =>
  (await readTable(set, list, 4, 1)).map(([, product, kind, file]) => ({ product: numberIn(set, list, product!), kind: numberIn(set, list, kind!), file: file! }))

const productsOf = (photos: readonly Photo[]) => [...new Set(photos.map(({ product }) => product))].sort((a, b) => a - b)

/** A kind is named by the folder of its images, `bicycle_final`; those that are not in the list by their number. */
function kindNames(rows: readonly Photo[]): string[] {
  const names = new Map(rows.map(({ kind, file }) => [kind, file.split('/')[0]!.replace(/_final$/, '')]))
  return Array.from({ length: Math.max(0, ...names.keys()) }, (_, i) => names.get(i + 1) ?? String(i + 1))
}
