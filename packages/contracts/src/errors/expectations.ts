import type * as tf from '@tensorflow/tfjs-core'
import { describeValue } from './describe-value.js'
import { isTensor } from './is-tensor.js'
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
  expectTensor(who, what, tensor)
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

function expectTensor(who: string, what: string, tensor: tf.Tensor | null | undefined): void {
  const wasTensor = isTensor(tensor)
  if (wasTensor && !tensor.isDisposed) return
  throw new ShapeError({
    who,
    wanted: `\`${what}\` to be a tensor`,
    got: wasTensor ? 'one that was disposed' : describeValue(tensor),
    fix: wasTensor ? 'Call this before the tensor is freed, or `tf.keep` it.' : 'Pass a tensor, such as `tf.tensor2d(rows)`.',
  })
}

/**
 * Checks that an option is an object that can do something, not its class and not its name.
 *
 * @throws {OptionError} when it lacks one of `methods`.
 * @example expectMethods('TripletMarginLoss', 'distance', distance, ['matrix'], 'new LpDistance()')
 */
export function expectMethods(who: string, option: string, value: unknown, methods: readonly string[], example: string): void {
  const given = value as Readonly<Record<string, unknown>> | null | undefined
  if (typeof given === 'object' && given !== null && methods.every((method) => typeof given[method] === 'function')) return
  throw new OptionError({
    who,
    wanted: `\`${option}\` to be an object with ${methods.map((method) => `\`${method}\``).join(' and ')}`,
    got: describeValue(value),
    fix: `Pass one such as \`${example}\`.`,
  })
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

/** A number that may change later and can be held to rules: a `Scheduled`, told by its brand. */
export interface RestrictedNumber {
  readonly value: number
  /** Runs a check now and, unless it throws now, before every change. A rule that is known already is not added again. */
  restrict(rule: string, check: (value: number) => void): void
}

/**
 * Checks a numeric option. A `Scheduled` is checked at once and at every later change; where an integer is wanted it is
 * refused, since such numbers decide on sizes and counts.
 *
 * @throws {OptionError} when it is not a finite number in the range.
 */
export function expectNumber(who: string, option: string, value: number | RestrictedNumber, range: NumberRange = {}): void {
  if (range.integer && isRestricted(value)) throw cannotChange(who, option)
  checkThroughout(`${who} ${option} ${JSON.stringify(range)}`, value, (now) => expectInRange(who, option, now, range))
}

/**
 * {@link expectNumber} for an option that is read once, or decides on the host: a `Scheduled` would be frozen in silence, and
 * is refused.
 *
 * @throws {OptionError} when it is not a finite number in the range, or a `Scheduled`.
 */
export function expectFixedNumber(who: string, option: string, value: number, range: NumberRange = {}): void {
  if (isRestricted(value)) throw cannotChange(who, option)
  expectInRange(who, option, value, range)
}

/**
 * Runs a check on a number; on a `Scheduled` now and before every later change, which it can refuse by throwing.
 *
 * @param rule names the check, so that it is not added twice
 */
export function checkThroughout(rule: string, value: number | RestrictedNumber, check: (value: number) => void): void {
  if (isRestricted(value)) value.restrict(rule, check)
  else check(value)
}

function expectInRange(who: string, option: string, value: number, range: NumberRange): void {
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
      got: describeValue(value),
      fix: hint ?? `Pass another \`${option}\`.`,
    })
  }
}

const isRestricted = (value: unknown): value is RestrictedNumber =>
  typeof value === 'object' && value !== null && Symbol.for('metric-learning.scheduled') in value

const cannotChange = (who: string, option: string): OptionError =>
  new OptionError({
    who,
    wanted: `\`${option}\` to be a plain number`,
    got: 'one that is scheduled',
    fix: 'A change of this option would have no effect; pass its value.',
  })

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
    wanted: `\`${option}\` to be ${allowed.map(show).join(' or ')}`,
    got: String(value),
    fix: 'Pass one of them.',
  })
}

/**
 * Checks an option that is on or off.
 *
 * @throws {OptionError} when it is neither true nor false.
 */
export function expectBoolean(who: string, option: string, value: unknown): void {
  if (typeof value === 'boolean') return
  throw new OptionError({ who, wanted: `\`${option}\` to be true or false`, got: describeValue(value), fix: 'Pass one of them, or leave it out.' })
}

/**
 * Checks an option that is to be called.
 *
 * @throws {OptionError} when it is no function.
 * @example expectFunction('KMeans', 'onProgress', onProgress, '(done, total) => console.log(done / total)')
 */
export function expectFunction(who: string, option: string, value: unknown, example: string): void {
  if (typeof value === 'function') return
  throw new OptionError({ who, wanted: `\`${option}\` to be a function`, got: describeValue(value), fix: `Pass one such as \`${example}\`.` })
}

/**
 * Checks an option that takes a text: a path, a name, a tag.
 *
 * @param what what the text is, such as `the path of a folder`
 * @throws {OptionError} when it is no text, or an empty one.
 * @example expectText('jsonLines', 'file', file, 'the path of a file', "Pass one, such as 'runs/first/log'.")
 */
export function expectText(who: string, option: string, value: unknown, what: string, fix = 'Pass one.'): void {
  if (typeof value === 'string' && value !== '') return
  throw new OptionError({ who, wanted: `\`${option}\` to be ${what}`, got: describeValue(value), fix })
}

/**
 * Rejects options that nobody reads, so that a misspelt one is never dropped in silence.
 *
 * @throws {OptionError} which lists the options there are.
 */
export function expectKnownOptions(who: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new OptionError({ who, wanted: 'an object of options', got: describeValue(options), fix: options === undefined ? 'Pass one: some of them are needed.' : 'Pass one, or leave it out.' })
  }
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
