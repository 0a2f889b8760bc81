import type { Cause, Diagnosis, SampleFinding } from './diagnosis.js'

/** What is known of a cause, in words. */
export interface CauseTexts {
  /** Such as `The loss term "triplet" is no number`. */
  readonly heading: string
  /** Where it came up, and in which samples. */
  readonly what: string
  /** What to do. */
  readonly advice: string
}

/** Samples that are named one by one. */
const NAMED = 5

const ADVICE: Readonly<Record<Cause['kind'], string>> = {
  input: 'Look at these samples, and at what decodes, augments or normalises them; leave them out, or mend them.',
  parameter: 'An update overflowed before this step: lower the learning rate, raise it slowly at the beginning, or clip gradients.',
  forward: 'Activations overflow: lower the learning rate, clip gradients, or normalise before this layer; exp, log, sqrt and divisions of your own want a bound.',
  term: 'Its formula leaves the numbers on these samples: a log or a division of 0, a temperature that is too small, or a margin that makes it overflow. Bound what it divides by, or take it out to see.',
  gradient: 'The value is finite, its slope is not: a root, a norm or an arc cosine at its edge, as where two embeddings are equal. Add a small number under the root; clipping mends infinity, and not NaN.',
  unknown: 'Taken again, operation by operation, the step was finite: compile with `precision: "float32"`, or look for randomness in a data set, a loss or a plugin of your own.',
}

export function causeTexts({ cause, samples, update }: Diagnosis): CauseTexts {
  const { kind, terms, layer, operation } = cause
  const by = operation === undefined ? '' : ` by ${operation}`
  const at = layer === undefined ? '' : ` at ${layer}`
  const list = terms.map((term) => `"${term}"`).join(', ')
  const hits = terms.length === 0 ? '' : `, and with it the loss ${terms.length === 1 ? 'term' : 'terms'} ${list}`
  const who = samplesText(samples)
  const place = update === undefined ? '' : ` in the update "${update}"`
  const texts: Readonly<Record<Cause['kind'], readonly [heading: string, what: string]>> = {
    input: ['Samples hold NaN or infinity', `Loaded with NaN or infinity: ${who}${hits}.`],
    parameter: [`${layer ?? 'A parameter'} has overflowed`, `Before the step ${layer ?? 'a parameter'} held NaN, infinity, or numbers whose squares are infinite${hits}.`],
    forward: ['A layer gave NaN or infinity', `From finite numbers NaN or infinity came up${by}${layer === undefined ? ' before the first layer' : ` at or after ${layer}`}, in ${who}${hits}.`],
    term: [`The loss term ${list} is not finite`, `The loss term ${list} is not finite; what it judges is. It came up${by}${at}, over ${who}.`],
    gradient: [
      `The gradient${terms.length > 0 ? ` of ${list}` : ''} is not finite`,
      `The loss is finite; the gradient${terms.length > 0 ? ` of ${list}` : ''} is not. It came up${by}${at}, over ${who}.`,
    ],
    unknown: ['The step could not be made to fail again', 'What broke did not break again.'],
  }
  const [heading, what] = texts[kind]
  return { heading, what: what.replace(/\.$/, `${place}.`), advice: ADVICE[kind] }
}

/** Which samples, by row and class. */
export function samplesText(samples: readonly SampleFinding[]): string {
  const named = samples.filter(({ isNamed }) => isNamed)
  if (named.length === 0) return 'no sample'
  if (named.length === samples.length && named.length > NAMED) return `all ${named.length} samples`
  const rows = [...new Map(named.map((sample) => [sample.row, sample])).values()]
  const times = (of: number) => named.filter(({ row }) => row === of).length
  const shown = rows.slice(0, NAMED).map(({ row, className }) => `row ${row} (${className})${times(row) > 1 ? `, there ${times(row)} times` : ''}`)
  return `${shown.join(', ')}${rows.length > NAMED ? ` and ${rows.length - NAMED} more` : ''}`
}
