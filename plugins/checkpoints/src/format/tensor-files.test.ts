import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { escapeSection, sectionOf, shareOut, type NamedTensor } from './tensor-files.js'

describe('tensors in files', () => {
  it('are shared out in order, and one that is too large has a file of its own', () => {
    const sizes = [1, 2, 5, 1, 1, 1]
    const tensors = sizes.map((size, i): NamedTensor => [`t${i}`, tf.zeros([size])])
    const names = (limit: number) => shareOut(tensors, limit).map((file) => file.map(([name]) => name).join(' '))
    expect(names(12)).toEqual(['t0 t1', 't2', 't3 t4 t5'])
    expect(names(1)).toEqual(['t0', 't1', 't2', 't3', 't4', 't5'])
    expect(names(1000)).toEqual(['t0 t1 t2 t3 t4 t5'])
    expect(shareOut([], 12)).toEqual([[]])
    tensors.forEach(([, tensor]) => tensor.dispose())
  })

  it.each(['modules.trunk', 'plugins.@scope/a', '100%', '%2F', '/%25/'])('tell the section %s from the name', (section) => {
    for (const name of ['weight', 'a/b', '%2F']) expect(sectionOf(`${escapeSection(section)}/${name}`)).toEqual([section, name])
  })
})
