import { ProcessError } from '@metric-learning/peer'
import { expect, it, vi } from 'vitest'
import { alternate } from './alternate.js'
import { COMPILED, PYTORCH, TORCH_COMPILE } from './side.js'

it('takes turns, and goes on without a side that failed', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const order: string[] = []
  const taken = await alternate([COMPILED, PYTORCH, TORCH_COMPILE], 2, ({ title }) => {
    order.push(title)
    return title === 'torch.compile' ? Promise.reject(new ProcessError('python', 'code 1', 'no compiler')) : Promise.resolve(order.length)
  })
  expect(order).toEqual(['compiled', 'PyTorch', 'torch.compile', 'compiled', 'PyTorch'])
  expect(taken.get(COMPILED)).toEqual({ turns: [1, 4] })
  expect(taken.get(TORCH_COMPILE)).toEqual({ turns: [], failure: 'code 1' })
  vi.restoreAllMocks()
})

it('ends with an error that is no failure of a process', async () => {
  await expect(alternate([COMPILED], 1, () => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug')
})
