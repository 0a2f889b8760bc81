import { describe, expect, it } from 'vitest'
import { inNameOf } from './in-name-of.js'
import { isMetricLearningError, LabelError, OptionError, ShapeError, StateError, type ErrorParts } from './metric-learning-error.js'
import { NonFiniteError } from './non-finite-error.js'

const parts: ErrorParts = { who: 'TripletMarginLoss', wanted: '`margin` to be a number', got: '"a"', fix: 'Pass another `margin`.' }

/** An error as another copy of this package makes it. */
function ofAnotherCopy(code: string): Error {
  return Object.assign(new Error('of another copy'), { [Symbol.for('metric-learning.error')]: true, code, parts })
}

describe('isMetricLearningError', () => {
  it('knows errors by their brand, whichever copy of this package they are of', () => {
    expect(isMetricLearningError(new OptionError(parts))).toBe(true)
    expect(isMetricLearningError(new NonFiniteError('A', 'embeddings'))).toBe(true)
    expect(isMetricLearningError(ofAnotherCopy('ML_OPTION'))).toBe(true)
    for (const other of [new Error('x'), { code: 'ML_OPTION', parts }, 'ML_OPTION', undefined, null]) expect(isMetricLearningError(other)).toBe(false)
  })
})

describe('The message of an error', () => {
  it('ends what came with one full stop, also where that is a message with its own', () => {
    expect(new StateError({ ...parts, got: 'Reader: no file. Check the path.' }).message).toContain('got Reader: no file. Check the path. Pass another')
    expect(new StateError({ ...parts, got: '1, 2, ...' }).message).toContain('got 1, 2, .... Pass another')
  })
})

describe('inNameOf', () => {
  it.each([['ML_SHAPE', ShapeError], ['ML_LABELS', LabelError], ['ML_OPTION', OptionError]])('tells a mistake of %s in another name', (code, kind) => {
    for (const thrown of [new kind(parts), ofAnotherCopy(code)]) {
      const told = () => inNameOf('CircleLoss', () => { throw thrown })
      expect(told).toThrow(kind)
      expect(told).toThrow('CircleLoss: wanted `margin` to be a number, got "a". Pass another `margin`.')
    }
  })

  it.each([new StateError(parts), ofAnotherCopy('ML_STATE'), new Error('ML_OPTION')])('leaves others as they are', (thrown) => {
    expect(() => inNameOf('CircleLoss', () => { throw thrown })).toThrow(thrown)
  })
})

describe('An error told where it came up', () => {
  it('is the same, of the same kind with the same parts, cause and stack, and says where', () => {
    const cause = new Error('underneath')
    const error = new OptionError({ ...parts, cause })
    const [{ message }, frames] = [error, error.stack!.split('\n').slice(1)]
    const told: OptionError = error.in('the tap of health on `loss`')
    expect(told).toBeInstanceOf(OptionError)
    expect(told.code).toBe('ML_OPTION')
    expect(told.name).toBe('OptionError')
    expect(told.message).toBe(`${message} (in the tap of health on \`loss\`)`)
    expect(told.parts).toEqual({ ...parts, cause, where: 'the tap of health on `loss`' })
    expect(told.cause).toBe(cause)
    expect(told.stack!.split('\n').slice(1)).toEqual(frames)
    expect(told.stack).toMatch(/^OptionError: TripletMarginLoss: .* \(in the tap of health on `loss`\)\n/)
    expect(told).toBe(error)
  })

  it('says so once, of the place that was named last', () => {
    expect(new OptionError(parts).in('a').in('b').message).toMatch(/ \(in b\)$/)
    expect(new OptionError(parts).in('a').in('b').message).not.toContain('(in a)')
  })

  it('keeps what a NonFiniteError knows', () => {
    const told = new NonFiniteError('A', 'embeddings').in('`mine`').during('step 3 of epoch 1').in('`loss`')
    expect(told).toBeInstanceOf(NonFiniteError)
    expect([told.what, told.parts.who]).toEqual(['embeddings', 'A'])
    expect(told.message).toContain('got NaN or infinity in step 3 of epoch 1. ')
    expect(told.message).toMatch(/ \(in `loss`\)$/)
    expect(new NonFiniteError('A', 'x').in('`mine`').during('step 1').message).toMatch(/ in step 1\. .* \(in `mine`\)$/)
  })
})
