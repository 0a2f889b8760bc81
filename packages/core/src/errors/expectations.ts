import type * as tf from '@tensorflow/tfjs-core'
import { OptionError, ShapeError } from './metric-learning-error.js'

/** A wanted extent: a number must match, a name (such as `'batch'`) matches anything. */
export type Extent = number | string

const show = (shape: readonly Extent[]) => `[${shape.join(', ')}]`

/**
 * Checks a tensor's shape at the edge of a public function.
 *
 * @throws {ShapeError} when the rank or a numbered extent differs.
 * @example expectShape('ArcFaceLoss', 'embeddings', x, ['batch', 64])
 */
export function expectShape(who: string, what: string, tensor: tf.Tensor, wanted: readonly Extent[]): void {
  const fits =
    tensor.shape.length === wanted.length &&
    wanted.every((extent, i) => typeof extent === 'string' || extent === tensor.shape[i])
  if (!fits) {
    throw new ShapeError({
      who,
      wanted: `\`${what}\` of shape ${show(wanted)}`,
      got: show(tensor.shape),
      fix: `Reshape \`${what}\`, or check which tensor was passed.`,
    })
  }
}

/** A description of the numbers an option allows. */
export interface NumberRange {
  readonly min?: number
  readonly max?: number
  /** `min` itself is not allowed. */
  readonly exclusiveMin?: boolean
  readonly integer?: boolean
  /** Added to the advice, for units and the like. */
  readonly hint?: string
}

/**
 * Checks a numeric option.
 *
 * @throws {OptionError} when it is not a finite number in the range.
 */
export function expectNumber(who: string, option: string, value: number, range: NumberRange = {}): void {
  const { min = -Infinity, max = Infinity, exclusiveMin = false, integer = false, hint } = range
  const fits =
    Number.isFinite(value) &&
    (exclusiveMin ? value > min : value >= min) &&
    value <= max &&
    (!integer || Number.isInteger(value))
  if (!fits) {
    const kind = integer ? 'an integer' : 'a number'
    const low = min === -Infinity ? '' : exclusiveMin ? ` above ${min}` : ` of at least ${min}`
    const high = max === Infinity ? '' : `${low ? ' and' : ''} at most ${max}`
    throw new OptionError({
      who,
      wanted: `\`${option}\` to be ${kind}${low}${high}`,
      got: String(value),
      fix: hint ?? `Pass another \`${option}\`.`,
    })
  }
}

/**
 * Checks an option that takes one of a few values.
 *
 * @throws {OptionError} when `value` is none of `allowed`.
 */
export function expectOneOf<T>(who: string, option: string, value: T, allowed: readonly T[]): void {
  if (allowed.includes(value)) return
  const show = (one: T) => (typeof one === 'string' ? `'${one}'` : String(one))
  throw new OptionError({
    who,
    wanted: `\`${option}\` ${allowed.map(show).join(' or ')}`,
    got: String(value),
    fix: 'Pass one of them.',
  })
}

/**
 * Rejects options that nobody reads, so that a misspelt one is never dropped in silence.
 *
 * @throws {OptionError} which lists the options there are.
 */
export function expectKnownOptions(who: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw new OptionError({
      who,
      wanted: known.length ? `only the options ${known.join(', ')}` : 'no options',
      got: `\`${unknown}\``,
      fix: `Remove \`${unknown}\` or correct its spelling.`,
    })
  }
}
