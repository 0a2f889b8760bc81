import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackendError } from '@metric-learning/contracts'
import { beforeEach, expect, it } from 'vitest'
import { expectCuda } from './expect-cuda.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'expect-cuda-'))
  return () => rmSync(folder, { recursive: true })
})

/** A Python whose PyTorch answers so. */
function pythonThatSays(answer: string): string {
  const python = join(folder, 'python')
  writeFileSync(python, `#!/bin/sh\necho '${answer}'\n`)
  chmodSync(python, 0o755)
  return python
}

it('says which CUDA PyTorch has, or why it has none', async () => {
  expect(await expectCuda(pythonThatSays('[true, "13.0", 92000]'), 'bench:losses')).toBe('CUDA 13.0, cuDNN 92000')
  const without = expectCuda(pythonThatSays('[false, null, null]'), 'bench:losses')
  await expect(without).rejects.toThrow(BackendError)
  await expect(without).rejects.toThrow('bench:losses: wanted PyTorch to find the GPU, got a PyTorch without CUDA.')
  await expect(expectCuda(pythonThatSays('[false, "13.0", 92000]'), 'bench:losses')).rejects.toThrow('version 580')
})
