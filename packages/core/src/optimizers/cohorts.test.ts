import { describe, expect, it } from 'vitest'
import { Cohorts } from './cohorts.js'

describe('Cohorts', () => {
  const made = (...names: string[]) => {
    const splits: [from: number, to: number][] = []
    const cohorts = new Cohorts((from, to) => splits.push([from, to]))
    cohorts.add(names)
    return { cohorts, splits }
  }
  const shown = (cohorts: Cohorts, ...names: string[]) => cohorts.stepping(names).map((cohort) => `${cohort.number}: ${cohort.names.join()}`)

  it('are one as long as all take their steps together', () => {
    const { cohorts, splits } = made('a', 'b')
    expect([shown(cohorts, 'a', 'b'), shown(cohorts, 'b', 'a'), splits, cohorts.state]).toEqual([['0: a,b'], ['0: b,a'], [], undefined])
  })

  it('fall apart where some are left behind, each at its place', () => {
    const { cohorts, splits } = made('a', 'b', 'c')
    expect(shown(cohorts, 'a', 'b')).toEqual(['0: a,b'])
    expect(shown(cohorts, 'a', 'b', 'c')).toEqual(['0: a,b', '1: c'])
    expect(shown(cohorts, 'b', 'c')).toEqual(['0: b', '1: c'])
    expect([splits, cohorts.state]).toEqual([[[0, 1], [0, 2]], { a: 2, b: 0, c: 1 }])
  })

  it('begin anew with those that come later', () => {
    const { cohorts, splits } = made('a')
    cohorts.add(['a', 'b'])
    expect([shown(cohorts, 'a', 'b'), splits]).toEqual([['0: a', '1: b'], []])
  })

  it('go on from a state, also before parameters are known, and are one without', () => {
    const state = { a: 0, b: 1 }
    for (const { cohorts } of [made('a', 'b'), made()]) {
      cohorts.restore(state)
      expect([cohorts.state, shown(cohorts, 'a', 'b')]).toEqual([state, ['0: a', '1: b']])
      cohorts.restore()
      expect([cohorts.state, shown(cohorts, 'a', 'b')]).toEqual([undefined, ['0: a,b']])
    }
  })

  it('stay as they are when whoever hears of it throws, as the rehearsal of a step does', () => {
    const cohorts = new Cohorts(() => {
      throw new Error('no')
    })
    cohorts.add(['a', 'b'])
    expect(() => cohorts.stepping(['a'])).toThrow('no')
    expect(cohorts.state).toBeUndefined()
  })

  it('are seen to change by whoever compares fields', () => {
    const { cohorts } = made('a', 'b')
    const numbers = () => (cohorts as unknown as { readonly numbers: Int32Array }).numbers
    const before = numbers()
    cohorts.stepping(['a', 'b'])
    expect(numbers()).toBe(before)
    cohorts.stepping(['a'])
    expect(numbers()).not.toBe(before)
  })
})
