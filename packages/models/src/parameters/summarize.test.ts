import { describe, expect, it } from 'vitest'
import { ConvNet } from '../conv-net.js'
import { summarize } from './summarize.js'

describe('summarize', () => {
  it('lists names, shapes and counts', () => {
    expect(summarize(new ConvNet({ width: 4, blocks: 1 }))).toBe(
      [
        'ConvNet: 44 parameters, output 4',
        'blocks.0.conv.weight        [3, 3, 1, 4]  36',
        'blocks.0.norm.weight        [4]            4',
        'blocks.0.norm.bias          [4]            4',
        'blocks.0.norm.running_mean  [4]            4 (buffer)',
        'blocks.0.norm.running_var   [4]            4 (buffer)',
      ].join('\n'),
    )
  })
})
