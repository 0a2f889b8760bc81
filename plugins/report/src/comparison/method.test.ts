import { OptionError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { sampleRun } from '../record/sample-run.fixture.js'
import { methodsOf } from './method.js'

const run = (name: string, method?: string, description?: string) =>
  sampleRun(name, undefined, { ...(method !== undefined && { method }), ...(description !== undefined && { description }) })

describe('methodsOf', () => {
  it('puts runs of one method together, in the order in which methods come', () => {
    const methods = methodsOf('test', [run('T 0', 'Triplet', 'margin 1'), run('A'), run('T 1', 'Triplet', 'margin 1')])
    expect(methods.map(({ name, description, runs }) => [name, description, runs.map((own) => own.name)])).toEqual([
      ['Triplet', 'margin 1', ['T 0', 'T 1']],
      ['A', undefined, ['A']],
    ])
  })

  it('has no description where its runs say different things', () => {
    expect(methodsOf('test', [run('T 0', 'Triplet', 'seed 0'), run('T 1', 'Triplet', 'seed 1')])[0]).not.toHaveProperty('description')
  })

  it('refuses names that would be mixed up', () => {
    expect(() => methodsOf('test', [])).toThrow(OptionError)
    expect(() => methodsOf('test', [run('A'), run('A')])).toThrow('"A" twice')
    expect(() => methodsOf('test', [run('T 0', 'Triplet'), run('Triplet')])).toThrow('a run and a method "Triplet"')
  })
})
