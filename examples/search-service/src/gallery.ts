import type { Dataset } from '@metric-learning/contracts'
import { quickDraw, samplePng } from '@metric-learning/datasets'

/** What is searched: pictures by key, such as `cat/7`. */
export interface Gallery {
  /** All pictures that the index knows, one key each, in the order of `dataset`. */
  readonly keys: readonly string[]
  readonly dataset: Dataset
  /** Further pictures, to search with. */
  readonly examples: readonly string[]
  /** A PNG, of ink on paper; `undefined` where there is none of a key. */
  picture(key: string): Promise<Uint8Array | undefined>
}

/** Pictures of each class that are only there to search with. */
const EXAMPLES_PER_CLASS = 1

/** Drawings of all 345 classes of Quick, Draw!: 245 that `trainModel` trains on, 100 that training never sees. */
export async function drawingGallery(perClass: number): Promise<Gallery> {
  const samplesPerClass = perClass + EXAMPLES_PER_CLASS
  const splits = [await quickDraw({ split: 'train', samplesPerClass }), await quickDraw({ split: 'test', samplesPerClass })]
  const places = new Map<string, readonly [dataset: Dataset, row: number]>()
  for (const dataset of splits) {
    dataset.labels.forEach((label, row) => places.set(`${dataset.classNames[label]}/${row % samplesPerClass}`, [dataset, row]))
  }
  const isExample = (key: string) => Number(key.slice(key.lastIndexOf('/') + 1)) >= perClass
  const keys = [...places.keys()].filter((key) => !isExample(key))
  return {
    keys,
    dataset: selected(keys.map((key) => places.get(key)!)),
    examples: [...places.keys()].filter(isExample),
    async picture(key) {
      const place = places.get(key)
      return place && samplePng(...place, { inverted: true })
    },
  }
}

/** Some samples of several data sets of one kind, as one. */
function selected(places: readonly (readonly [dataset: Dataset, row: number])[]): Dataset {
  const [{ sampleShape, normalization }] = places[0]!
  return {
    name: 'gallery',
    labels: new Int32Array(places.length),
    classNames: ['all'],
    sampleShape,
    ...(normalization && { normalization }),
    async load(rows) {
      const loaded = await Promise.all(Array.from(rows, (row) => places[row]![0].load(Int32Array.of(places[row]![1]))))
      return { values: Uint8Array.from(loaded.flatMap(({ values }) => [...values])), shape: [rows.length, ...sampleShape] }
    },
  }
}
