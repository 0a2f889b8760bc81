import type { Dataset, DrawPosition, LabelColumn, LoadedSamples, Normalization } from '@metric-learning/contracts'
import { ImageDataset } from '@metric-learning/datasets'

/**
 * The samples of the given classes of any data set, labelled anew by position in `classes`. Label columns keep their numbers and names.
 *
 * @param normalization Default: statistics of the subset itself where it is of images, else those of the data set
 */
export function classSubset(dataset: Dataset, name: string, classes: readonly number[], normalization?: Normalization): Dataset {
  if (dataset instanceof ImageDataset) return dataset.ofClasses(name, classes, normalization)
  const newLabel = new Map(classes.map((label, i) => [label, i]))
  const rows = Int32Array.from([...dataset.labels.keys()].filter((row) => newLabel.has(dataset.labels[row]!)))
  const norm = normalization ?? dataset.normalization
  const ofRows = (column: LabelColumn): LabelColumn =>
    'labels' in column ? { ...column, labels: rows.map((row) => column.labels[row]!) } : { ...column, labelRows: Array.from(rows, (row) => column.labelRows[row]!) }
  return {
    name,
    labels: rows.map((row) => newLabel.get(dataset.labels[row]!)!),
    classNames: classes.map((label) => dataset.classNames[label]!),
    ...(dataset.columns && { columns: Object.fromEntries(Object.entries(dataset.columns).map(([column, of]) => [column, ofRows(of)])) }),
    sampleShape: dataset.sampleShape,
    ...(norm && { normalization: norm }),
    ...(dataset.views !== undefined && { views: dataset.views }),
    load: (wanted: Int32Array, at?: DrawPosition): Promise<LoadedSamples> => dataset.load(wanted.map((row) => rows[row]!), at),
  }
}
