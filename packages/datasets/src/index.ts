export {
  augmented,
  type AugmentedDataset,
  type AugmentedOptions,
  type ColorJitterOptions,
  type RandomCropOptions,
  type RandomErasingOptions,
  type RandomResizedCropOptions,
} from './augmentation/augmented.js'
export { concatenated, type ConcatenatedOptions } from './concatenated.js'
export type { ReadingProgress } from './decoding/decode-all.js'
export type { DecodingOptions, ImageFolderDataset, SkippedFile, ToleratedFile } from './decoding/decoded-dataset.js'
export type { DrawingProgress, DrawnOptions } from './drawn/drawn-set.js'
export { EMOJI_ATTRIBUTION, emoji } from './drawn/emoji/emoji.js'
export { GLYPHS_ATTRIBUTION, glyphs } from './drawn/glyphs/glyphs.js'
export { imageFolder, type ImageFolderOptions } from './image-folder/image-folder.js'
export { columnsOfRows } from './images/columns-of-rows.js'
export * from './images/decode-sample.js'
export * from './images/image-dataset.js'
export { LabelMapper, mapLabels, type SourceLabel, type SourceLabelled } from './label-mapper.js'
export type { PictureOptions } from './pictures/picture.js'
export * from './pictures/sample-png.js'
export { spritePng } from './pictures/sprite-png.js'
export type { PixelStore } from './pixels/pixel-store.js'
export { cars196 } from './published/cars-196.js'
export { cub200 } from './published/cub-200-2011.js'
export { inShop } from './published/in-shop.js'
export type { PublishedOptions, PublishedSplits } from './published/published-layout.js'
export { stanfordOnlineProducts } from './published/stanford-online-products.js'
export { tinyImageNet } from './published/tiny-image-net.js'
export { QUICK_DRAW_ATTRIBUTION, quickDraw, type QuickDrawOptions } from './quick-draw/quick-draw.js'
export * from './split-classes.js'
export * from './split-samples.js'
export { sideBySide } from './views/side-by-side.js'
export { withPositives, type WithPositivesOptions } from './views/with-positives.js'
