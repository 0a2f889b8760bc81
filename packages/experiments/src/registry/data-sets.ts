import type { Dataset } from '@metric-learning/contracts'
import {
  cars196,
  cub200,
  emoji,
  glyphs,
  imageFolder,
  inShop,
  quickDraw,
  stanfordOnlineProducts,
  tinyImageNet,
  type DrawnOptions,
  type ImageFolderOptions,
  type PublishedOptions,
  type QuickDrawOptions,
} from '@metric-learning/datasets'

/** What a data set gives. */
export interface LoadedData {
  /** To train on, as it was published; all there is where it was published without a split. */
  readonly train: Dataset
  /** To judge on, as it was published. */
  readonly test?: Dataset
  /** Where neighbours of `test` are looked up, with the same numbers for the same classes. Default: among themselves. */
  readonly references?: Dataset
  /** Whether both have the same classes. Default false: they share none. */
  readonly sharesClasses?: boolean
}

/** Drawings to train on and to judge on. */
export interface QuickDrawParts extends Omit<QuickDrawOptions, 'split'> {
  /** Drawings of each class to judge on, 1 to 100. Default 20. */
  readonly testSamplesPerClass?: number
}

/** What can be trained on and judged, by name. */
export const DATA_SETS = {
  quickDraw: async ({ testSamplesPerClass, ...options }: QuickDrawParts): Promise<LoadedData> => ({
    train: await quickDraw({ split: 'train', ...options }),
    test: await quickDraw({ split: 'test', ...options, samplesPerClass: testSamplesPerClass ?? 20 }),
  }),
  glyphs: async (options: Omit<DrawnOptions, 'split'>): Promise<LoadedData> => ({ train: await glyphs({ ...options, split: 'train' }), test: await glyphs({ ...options, split: 'test' }) }),
  emoji: async (options: Omit<DrawnOptions, 'split'>): Promise<LoadedData> => ({ train: await emoji({ ...options, split: 'train' }), test: await emoji({ ...options, split: 'test' }) }),
  imageFolder: async (options: ImageFolderOptions): Promise<LoadedData> => ({ train: await imageFolder(options) }),
  tinyImageNet: async (options: PublishedOptions): Promise<LoadedData> => {
    const { train, val } = await tinyImageNet(options)
    return { train, test: val, sharesClasses: true }
  },
  cub200: async (options: PublishedOptions): Promise<LoadedData> => cub200(options),
  cars196: async (options: PublishedOptions): Promise<LoadedData> => cars196(options),
  inShop: async (options: PublishedOptions): Promise<LoadedData> => {
    const { train, query, gallery } = await inShop(options)
    return { train, test: query, references: gallery }
  },
  stanfordOnlineProducts: async (options: PublishedOptions): Promise<LoadedData> => stanfordOnlineProducts(options),
}
