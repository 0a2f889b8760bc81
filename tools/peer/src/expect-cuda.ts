import { BackendError } from '@metric-learning/contracts'
import { runForJson } from './run-for-json.js'

const program = `
import json, torch
print(json.dumps([torch.cuda.is_available(), torch.version.cuda, torch.backends.cudnn.version()]))
`

/**
 * The CUDA that PyTorch brings along: `CUDA 13.0, cuDNN 92000`.
 *
 * @throws {BackendError} when it has none, or finds no GPU.
 */
export async function expectCuda(python: string, who: string): Promise<string> {
  const [isAvailable, cuda, cudnn] = await runForJson<[boolean, string | null, number | null]>(python, ['-c', program])
  if (isAvailable) return `CUDA ${cuda!}, cuDNN ${cudnn!}`
  throw new BackendError({
    who,
    wanted: 'PyTorch to find the GPU',
    got: cuda === null ? 'a PyTorch without CUDA' : `one with CUDA ${cuda} that finds none`,
    fix: cuda === null ? 'Leave `--python` out, or pass one whose PyTorch has CUDA.' : 'CUDA 13 needs a driver of version 580 or later.',
  })
}
