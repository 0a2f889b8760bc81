import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProcess } from '@metric-learning/peer'
import { beforeEach, describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('../pml_loss.py', import.meta.url))
const hasPython = await runProcess('python3', ['--version']).then(() => true, () => false)

/** As much of PyTorch as the program uses; it notes what happens, in order. */
const TORCH = `
import sys, types
events = []
note = lambda *words: events.append(" ".join(words))

class Tensor:
    grad = None
    def __floordiv__(self, other): return self
    def __mod__(self, other): return self
    def backward(self): note("backward")

def made(kind):
    def make(*size, device="cpu", requires_grad=False):
        note(kind, device)
        return Tensor()
    return make

class Clock:
    def perf_counter(self):
        note("clock")
        Clock.now += 1
        return Clock.now
Clock.now = 0
sys.modules["time"] = Clock()

randn, arange = made("randn"), made("arange")
set_num_threads = manual_seed = lambda value: None
backends = types.SimpleNamespace(cuda=types.SimpleNamespace(matmul=types.SimpleNamespace()))
cuda = types.SimpleNamespace(
    synchronize=lambda: note("synchronize"),
    set_per_process_memory_fraction=lambda value: note("limit"),
    get_device_properties=lambda index: types.SimpleNamespace(total_memory=2**34),
)
`
const PML = `
import torch

class NTXentLoss:
    def to(self, device):
        torch.note("loss", device)
        return self
    def parameters(self): return []
    def __call__(self, embeddings, labels, pairs): return torch.Tensor()

losses = type("losses", (), {"NTXentLoss": NTXentLoss})
miners = None
`

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pml-loss-'))
  for (const [name, source] of Object.entries({ torch: TORCH, pytorch_metric_learning: PML })) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, '__init__.py'), source)
  }
  return () => rmSync(folder, { recursive: true })
})

/** What happens while a loss is measured on a device. */
async function eventsOn(device: string): Promise<string[]> {
  const source = `import runpy, sys; import torch; sys.argv[1:] = ["NTXentLoss", "8", "1", "4", "${device}"]; runpy.run_path("${program}")`
  const report = `import torch; print("\\n" + "\\n".join(torch.events))`
  const output = await runProcess('python3', ['-c', `${source}; ${report}`], { env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' } })
  const [measured, ...events] = output.trim().split('\n').filter((line) => line !== '')
  expect(JSON.parse(measured!)).toMatchObject({ times: [1000, 1000, 1000] })
  return events
}

describe.runIf(hasPython && process.platform === 'linux')('the side of PyTorch Metric Learning', () => {
  it('has all on the card, and stops the clock when the card is done', async () => {
    const events = await eventsOn('cuda')
    expect(events.slice(0, 3).sort()).toEqual(['arange cuda', 'loss cuda', 'randn cuda'])
    expect(events).toContain('limit')
    const passes = events.filter((event) => ['clock', 'backward', 'synchronize'].includes(event)).join(' ')
    expect(passes).toMatch(/^clock backward synchronize clock /)
    expect(passes).not.toContain('backward clock')
  })

  it('waits for nothing on a processor', async () => {
    const events = await eventsOn('cpu')
    expect(events.slice(0, 3).sort()).toEqual(['arange cpu', 'loss cpu', 'randn cpu'])
    expect(events).not.toContain('synchronize')
  })
})
