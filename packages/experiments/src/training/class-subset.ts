import type { Dataset, DrawPosition, LoadedSamples, Normalization } from '@metric-learning/contracts'
import { columnsOfRows, ImageDataset } from '@metric-learning/datasets'

/**
 * The samples of the given classes of any data set, labelled anew by position in `classes`. Label columns keep their numbers and names.
 *
 * @param normalization Default: statistics of the subset itself where it is of images, else those of the data set
 */
export function classSubset(dataset: Dataset, name: string, classes: readonly number[], normalization?: Normalization): Dataset {
  if (dataset instanceof ImageDataset) return dataset.ofClasses(name, classes, normalization)
  const newLabel = new Map(classes.map((label, i) => [label, i]))
  const rows = [...dataset.labels.keys()].filter((row) => newLabel.has(dataset.labels[row]!))
  const norm = normalization ?? dataset.normalization
  return {
    name,
    labels: Int32Array.from(rows, (row) => newLabel.get(dataset.labels[row]!)!),
    classNames: classes.map((label) => dataset.classNames[label]!),
    ...(dataset.columns && { columns: columnsOfRows(dataset.columns, rows) }),
    sampleShape: dataset.sampleShape,
    ...(norm && { normalization: norm }),
    ...(dataset.views !== undefined && { views: dataset.views }),
    load: (wanted: Int32Array, at?: DrawPosition): Promise<LoadedSamples> => dataset.load(wanted.map((row) => rows[row]!), at),
  }
}
