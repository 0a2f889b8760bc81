import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeParts } from './describe-parts.js'
import { PART_OPTIONS_FILE, partOptionsFile } from './part-options-file.js'

describe('What parts declare about their options', () => {
  it('is what `npm run docs:part-options` writes', () => {
    expect(readFileSync(PART_OPTIONS_FILE, 'utf8')).toBe(partOptionsFile())
  })

  it('has the words of their classes', () => {
    const { losses, samplers, metrics } = describeParts()
    expect(losses!['TripletMarginLoss']!.options['margin']).toMatchObject({ isRequired: false, doc: expect.stringContaining('Default 0.05') })
    expect(losses!['ArcFaceLoss']!.options).toMatchObject({ numClasses: { isRequired: true }, distance: { kind: 'distances' }, reducer: { kind: 'reducers' } })
    expect(losses!['MultipleLosses']!.options['losses']).toMatchObject({ kind: 'losses' })
    expect(samplers!['MPerClassSampler']!.options['coverage']).toMatchObject({ type: "'all' | 'random'" })
    expect(metrics!['recallAtK']).toMatchObject({ takesValue: true })
  })
}, 120_000)
