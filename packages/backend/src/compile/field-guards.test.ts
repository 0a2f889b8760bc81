import { describe, expect, it } from 'vitest'
import { FieldGuards } from './field-guards.js'

describe('FieldGuards', () => {
  it('names what changed: numbers, flags, nested objects, replaced ones, functions, lists, sizes, new fields', () => {
    const loss = { margin: 0.2, isOn: true, distance: { p: 2 }, terms: ['a'], seen: new Set<number>(), weights: {} as Record<string, number>, call: () => 0 }
    const guards = new FieldGuards({ losses: { loss } })
    const changedBy = (work: () => void) => {
      const fresh = new FieldGuards({ losses: { loss } })
      work()
      return fresh.changed()
    }
    expect(guards.changed()).toEqual([])
    expect(changedBy(() => (loss.margin = 0.3))).toEqual(['losses.loss.margin'])
    expect(changedBy(() => (loss.isOn = false))).toEqual(['losses.loss.isOn'])
    expect(changedBy(() => (loss.distance.p = 3))).toEqual(['losses.loss.distance.p'])
    expect(changedBy(() => (loss.distance = { p: 3 }))).toEqual(['losses.loss.distance'])
    expect(changedBy(() => (loss.call = () => 1))).toEqual(['losses.loss.call'])
    expect(changedBy(() => loss.terms.push('b'))).toEqual(['losses.loss.terms.length'])
    expect(changedBy(() => (loss.terms[0] = 'c'))).toEqual(['losses.loss.terms.0'])
    expect(changedBy(() => loss.seen.add(1))).toEqual(['losses.loss.seen.size'])
    expect(changedBy(() => (loss.weights['new'] = 1))).toEqual(['losses.loss.weights.*'])
    expect(guards.changed()).toHaveLength(9)
  })

  it('takes NaN for the same as NaN', () => {
    expect(new FieldGuards({ loss: { best: NaN } }).changed()).toEqual([])
  })

  it('compares no longer what did not matter when it changed, and goes on with the rest', () => {
    const plugin = { calls: 0, margin: 1 }
    const guards = new FieldGuards({ plugin })
    plugin.calls += 1
    guards.forgetChanged()
    plugin.calls += 1
    expect(guards.changed()).toEqual([])
    plugin.margin = 2
    expect(guards.changed()).toEqual(['plugin.margin'])
  })

  it('looks at fields of an object that took the place of another', () => {
    const loss = { distance: { p: 2 } }
    const guards = new FieldGuards({ loss })
    loss.distance = { p: 2 }
    guards.forgetChanged()
    loss.distance.p = 3
    expect(guards.changed()).toEqual(['loss.distance.p'])
  })

  it('leaves out the places of a list that did not matter, not the others, its length, or what it holds', () => {
    const plugin = { recent: [1, 2, 3], layers: [{ p: 1 }] }
    const guards = new FieldGuards({ plugin })
    plugin.recent[1] = 5
    plugin.layers.push({ p: 1 })
    guards.forgetChanged()
    plugin.recent[1] = 6
    plugin.layers.push({ p: 2 })
    expect(guards.changed()).toEqual([])
    plugin.recent[0] = 6
    plugin.recent.push(7)
    plugin.layers[1]!.p = 3
    expect(guards.changed()).toEqual(['plugin.recent.length', 'plugin.recent.0', 'plugin.layers.1.p'])
  })

  it('names a field that never changed before, however many others of its object did without mattering', () => {
    const counts: Record<string, number> = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 0]))
    const plugin = { counts: { ...counts, margin: 1 }, recent: Array<number>(50).fill(0) }
    const guards = new FieldGuards({ plugin })
    let times = 0
    const change = (work: () => void) => {
      work()
      if (guards.changed().length === 0) return
      times += 1
      guards.forgetChanged()
    }
    for (let round = 1; round <= 3; round++) {
      for (const key of Object.keys(counts)) change(() => ((plugin.counts as Record<string, number>)[key] = round))
      for (let i = 0; i < 49; i++) change(() => (plugin.recent[i] = round))
    }
    // Each once.
    expect(times).toBe(50 + 49)
    plugin.counts.margin = 2
    plugin.recent[49] = 1
    expect(guards.changed().sort()).toEqual(['plugin.counts.margin', 'plugin.recent.49'])
  })

  it('goes on with an object that took the place of a plain value, and drops one whose place a plain value took', () => {
    const plugin: { best: null | { loss: number }; last: null | { loss: number } } = { best: null, last: { loss: 1 } }
    const guards = new FieldGuards({ plugin })
    plugin.best = { loss: 1 }
    guards.forgetChanged()
    plugin.best.loss = 2
    expect(guards.changed()).toEqual(['plugin.best.loss'])
    guards.forgetChanged()
    const { last } = plugin
    plugin.last = null
    guards.forgetChanged()
    last!.loss = 2
    expect(guards.changed()).toEqual([])
  })
})
