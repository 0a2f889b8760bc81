import type { EmbeddingsRecord } from './run-record.js'

/** Where the parts of recorded embeddings don't fit each other, such as a row without a label; `undefined` when they do. */
export function embeddingsFault({ rows, labels, classNames, dim, untrained, trained }: EmbeddingsRecord): string | undefined {
  if (!Number.isInteger(dim) || dim < 1) return `\`embeddings.dim\` is ${dim}, not a number of dimensions`
  if (labels.length !== rows.length) return `\`embeddings.labels\` has ${labels.length} labels for the ${rows.length} \`rows\``
  const stray = labels.findIndex((label) => classNames[label] === undefined)
  if (stray !== -1) return `\`embeddings.labels[${stray}]\` is ${labels[stray]}, not a label of the ${classNames.length} \`classNames\``
  for (const [name, values] of Object.entries({ untrained, trained })) {
    if (values && values.length !== rows.length * dim) {
      return `\`embeddings.${name}\` has ${values.length} numbers, not the ${rows.length * dim} of ${rows.length} \`rows\` with ${dim} dimensions`
    }
  }
  return undefined
}
