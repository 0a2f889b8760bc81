import { describe, expect, it } from 'vitest'
import { fittedLine, wrappedLines, type LinePart } from './fitted-line.js'

const bar: LinePart = { text: (columns) => '#'.repeat(columns), rank: 3, columns: [4, 10] }
const parts: readonly LinePart[] = [{ text: 'epoch 1/5', rank: 2 }, bar, { text: '300 samples/s', rank: 4 }, { text: '12 s left', rank: 1 }]

describe('fittedLine', () => {
  it.each([
    [60, 'epoch 1/5  ##########  300 samples/s  12 s left'],
    [44, 'epoch 1/5  #######  300 samples/s  12 s left'],
    [41, 'epoch 1/5  ####  300 samples/s  12 s left'],
    [40, 'epoch 1/5  ##########  12 s left'],
    [26, 'epoch 1/5  ####  12 s left'],
    [25, 'epoch 1/5  12 s left'],
    [19, '########  12 s left'],
    [14, '12 s left'],
    [4, '12 s'],
  ])('of %i columns has what there is room for', (columns, line) => {
    expect(fittedLine(parts, columns)).toBe(line)
  })

  it('has the short form of what is too long', () => {
    const metric = { text: 'precisionAt1 0.5', short: 'P@1 0.5', rank: 2 }
    expect(fittedLine([metric, { text: '12 s left', rank: 1 }], 27)).toBe('precisionAt1 0.5  12 s left')
    expect(fittedLine([metric, { text: '12 s left', rank: 1 }], 26)).toBe('P@1 0.5  12 s left')
    expect(fittedLine([metric, { text: '12 s left', rank: 1 }], 17)).toBe('12 s left')
  })

  it('counts columns, not characters', () => {
    expect(fittedLine([{ text: '象象', rank: 1 }, { text: 'é👍🏽', rank: 2 }], 9)).toBe('象象  é👍🏽')
    expect(fittedLine([{ text: '象象', rank: 1 }, { text: 'é👍🏽', rank: 2 }], 8)).toBe('象象')
    expect(fittedLine([{ text: '象象', rank: 1 }], 3)).toBe('象')
  })
})

describe('wrappedLines', () => {
  it('has all parts, broken between them', () => {
    expect(wrappedLines(['Triplet', 'epoch 1/5', 'precisionAt1 0.3021', 'best so far'], 30)).toBe('Triplet  epoch 1/5\n  precisionAt1 0.3021\n  best so far')
    expect(wrappedLines(['Triplet', 'epoch 1/5', 'precisionAt1 0.3021', 'best so far'], 80)).toBe('Triplet  epoch 1/5  precisionAt1 0.3021  best so far')
    expect(wrappedLines(['much too long', 'a'], 5)).toBe('much too long\n  a')
  })
})
