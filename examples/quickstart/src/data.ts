import { imageFolder, quickDraw, splitClasses } from '@metric-learning/datasets'
import type { Dataset } from '@metric-learning/contracts'
import { RECIPE } from './recipe.js'

/** Training classes, and held-out classes that training never sees. */
export interface ComparisonData {
  readonly train: Dataset
  readonly heldOut: Dataset
  /** One line on what it is. */
  readonly description: string
  /** Light strokes on black, shown as ink on paper. */
  readonly inverted: boolean
}

/** Quick, Draw!, or the image folder that the user names, split by classes. */
export async function loadData(folder: string | undefined, say: (line: string) => void): Promise<ComparisonData> {
  if (folder === undefined) {
    say('Reading Quick, Draw! (drawings by Google, CC BY 4.0) …')
    const [train, heldOut] = [await quickDraw({ split: 'train' }), await quickDraw({ split: 'test' })]
    return { train, heldOut, description: describe('Quick, Draw!', train, heldOut), inverted: true }
  }
  say(`Reading the images of ${folder} …`)
  const all = await imageFolder({ root: folder, imageSize: RECIPE.folderImageSize })
  const { train, test: heldOut } = splitClasses(all, { trainFraction: RECIPE.folderTrainFraction })
  return { train, heldOut, description: describe(folder, train, heldOut), inverted: false }
}

function describe(name: string, train: Dataset, heldOut: Dataset): string {
  const side = ({ labels, classNames }: Dataset) => `${labels.length.toLocaleString('en')} images of ${classNames.length} classes`
  return `${name}: trained on ${side(train)}, judged on ${side(heldOut)} never seen in training`
}
