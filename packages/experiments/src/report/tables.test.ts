import { html } from '@metric-learning/page'
import { describe, expect, it } from 'vitest'
import type { ResultRow } from '../run/results.js'
import { summaries } from '../statistics/summary.js'
import { resultsSections, summaryInWords } from './results-sections.js'
import { latexTables, markdownTables } from './tables.js'

const of = (method: string, values: readonly number[], more: Partial<ResultRow> = {}): ResultRow[] => values.map((value, seed) => ({ method, seed, view: 'joined', metrics: { precisionAt1: value }, trainingSeconds: 90, peakMemory: 2 ** 30, ...more }))
const found = (...rows: readonly ResultRow[]) => summaries({ rows, metrics: { precisionAt1: { label: 'P@1', title: '', meaning: '', better: 'larger' } } })
const clear = found(...of('A & B', [0.5, 0.51, 0.52]), ...of('C|D', [0.3, 0.312, 0.319]), ...of('untrained trunk', [0.1, 0.1, 0.1], { isBaseline: true }))
const context = { title: 'first_one', budget: 'random search, 3 trials' }

describe('markdownTables', () => {
  it('has means, intervals, costs, and bold beyond chance', () => {
    const text = markdownTables(clear, 'precisionAt1', context)
    expect(text).toContain('| A & B | **51.0 ± 2.5** | 90 s | 1.0 GiB |')
    expect(text).toContain('| C\\|D | 31.0 ± 2.4 |')
    expect(text).toContain('over 3 repeats')
    expect(text).toContain('Searched by random search, 3 trials.')
    expect(text).toMatch(/\| A & B − C\\\|D \| 20\.0 ± \d\.\d \| < 0\.001 \| < 0\.001 \|/)
  })

  it('takes no name for bold, HTML or code', () => {
    expect(markdownTables(found(...of('*a* <b> `c`', [0.5])), 'precisionAt1', context)).toContain('| \\*a\\* \\<b> \\`c\\` | 50.0 |')
  })

  it('has neither intervals nor bold of one repeat, and says what is missing', () => {
    const text = markdownTables(found(...of('A', [0.5]), { method: 'B', seed: 0, view: 'joined', metrics: {}, note: 'It broke.' }), 'precisionAt1', { title: 'one' })
    expect(text).toContain('| A | 50.0 |')
    expect(text).toContain('| B | – | – | – |')
    expect(text).toContain('B: It broke.')
    expect(text).not.toContain('**')
    expect(text).toContain('one repeat, without interval')
  })
})

it('makes LaTeX that can be set', () => {
  const text = latexTables(clear, context)
  expect(text).toContain('$\\mathbf{51.0 \\pm 2.5}$')
  expect(text).toContain('A \\& B &')
  expect(text).toContain('first\\_one')
  expect(latexTables(found(...of('a\\b^c~d{e}', [0.5])), context)).toContain('a\\textbackslash{}b\\textasciicircum{}c\\textasciitilde{}d\\{e\\} &')
  // Bold text leaves formulas as they are, and `<` is another sign in LaTeX's default encoding.
  expect(text).not.toContain('\\textbf')
  expect(text).toContain('p $<$ 0.05 after Holm')
  expect(latexTables(found(...of('<b>|', [0.5])), context)).toContain('$<$b$>$\\textbar{} &')
  expect(text.match(/&/g)!.length).toBeGreaterThan(10)
})

describe('metrics that are no shares', () => {
  const all = (['A', 'B'] as const).flatMap((method, i) => [0, 1, 2].map((seed): ResultRow => ({ method, seed, view: 'run', metrics: { precisionAt1: 0.5, lastRank: 12.25 + seed / 8 + 8 * i } })))
  const metrics = { lastRank: { label: 'last rank', title: '', meaning: '', better: 'smaller' } } as const
  const mixed = summaries({ rows: all, metrics })
  const alone = summaries({ rows: all.map((row) => ({ ...row, metrics: { lastRank: row.metrics['lastRank']! } })), metrics })

  it('are shown as they are, beside others in percent', () => {
    const text = markdownTables(mixed, 'lastRank', context)
    expect(text).toContain('; in percent but for last rank ↓, mean')
    expect(text).toContain('| A | 50.0 ± 0.0 | **12.38 ± 0.31** |')
    expect(text).toContain('Paired differences in last rank ↓:')
    expect(text).toContain('| A − B | -8.00 ± 0.00 | < 0.001 | < 0.001 |')
    expect(latexTables(mixed, context)).toContain('$\\mathbf{12.38 \\pm 0.31}$')
  })

  it('are not called percent in words, tables and plots', async () => {
    const page = html`${await resultsSections(alone, 'lastRank', context)}`.markup
    expect(page).not.toContain('percent')
    expect(page).not.toContain('in points')
    expect(page).toContain('12.38')
    expect(page).not.toContain('1238')
    expect(summaryInWords(alone, 'lastRank')).toBe('A is better than the other method beyond chance, by last rank ↓. A 12.38 ± 0.31, B 20.38 ± 0.31.')
    expect(summaryInWords(alone.map((one) => ({ ...one, methods: one.methods.slice(0, 1) })), 'lastRank')).toBe('last rank ↓: A 12.38 ± 0.31.')
  })
})

it('says who is best, as far as chance allows', () => {
  expect(summaryInWords(clear, 'precisionAt1')).toBe('A & B is better than the other method beyond chance, by P@1 of the test set, folds joined. A & B 51.0 ± 2.5, C|D 31.0 ± 2.4.')
  expect(summaryInWords(found(...of('A', [0.5, 0.6]), ...of('B', [0.6, 0.5])), 'precisionAt1')).toMatch(/^No method is better than all others beyond chance/)
})
