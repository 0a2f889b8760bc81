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

  it('leaves a list out as a whole once one of its places did not matter, but not what it holds', () => {
    const plugin = { recent: [1, 2, 3], layers: [{ p: 1 }] }
    const guards = new FieldGuards({ plugin })
    plugin.recent[1] = 5
    plugin.layers.push({ p: 1 })
    guards.forgetChanged()
    plugin.recent.push(7)
    plugin.recent[0] = 6
    plugin.layers.push({ p: 2 })
    expect(guards.changed()).toEqual([])
    plugin.layers[1]!.p = 3
    expect(guards.changed()).toEqual(['plugin.layers.1.p'])
  })

  it('ends up ignoring an object of which one field after the other changes without mattering', () => {
    const counts: Record<string, number> = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 0]))
    const guards = new FieldGuards({ plugin: { counts, margin: 1 } })
    let times = 0
    for (const key of Object.keys(counts)) {
      counts[key]! += 1
      if (guards.changed().length === 0) continue
      times += 1
      guards.forgetChanged()
    }
    expect(times).toBeLessThan(10)
  })
})
