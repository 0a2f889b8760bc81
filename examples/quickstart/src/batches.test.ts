import { describe, expect, it } from 'vitest'
import { expectBatches } from './batches.js'
import { parseCommand } from './options.js'

describe('expectBatches', () => {
  const early = (...argv: string[]) => () => {
    expectBatches(parseCommand(argv).options)
  }

  it('refuses, without data, a size that is no multiple of m or less than two classes', () => {
    expect(early('--batch-size', '10')).toThrow(
      'quickstart: wanted --batch-size to be a multiple of --samples-per-class 4, 8 or more, got 10. Pass --batch-size 8, or leave it out.',
    )
    expect(early('--batch-size', '4', '--samples-per-class', '8')).toThrow('Pass --batch-size 16, or leave it out.')
  })

  it('refuses one image of each class where Triplet loss is trained, which has no positive then', () => {
    expect(early('--samples-per-class', '1')).toThrow('wanted --samples-per-class of at least 2, got 1: Triplet loss will never have a positive. Pass --samples-per-class 2 or more, or --loss arcface.')
    expect(early('--samples-per-class', '1', '--loss', 'arcface')).not.toThrow()
  })

  it('leaves to the data what depends on it', () => {
    for (const argv of [[], ['--batch-size', '8'], ['--batch-size', '6000', '--samples-per-class', '30'], ['--samples-per-class', '1000']]) {
      expect(early(...argv)).not.toThrow()
    }
  })
})
