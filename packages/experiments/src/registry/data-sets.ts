import type { Dataset } from '@metric-learning/contracts'
import {
  cars196,
  cub200,
  emoji,
  glyphs,
  imageFolder,
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
  /** Whether both have the same classes. Default false: they share none. */
  readonly sharesClasses?: boolean
}

/** What can be trained on and judged, by name. */
export const DATA_SETS = {
  quickDraw: async ({ testSamplesPerClass, ...options }: Omit<QuickDrawOptions, 'split'> & { /** Of the classes to judge on. Default 20. */ readonly testSamplesPerClass?: number }): Promise<LoadedData> => ({
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
  stanfordOnlineProducts: async (options: PublishedOptions): Promise<LoadedData> => stanfordOnlineProducts(options),
}
