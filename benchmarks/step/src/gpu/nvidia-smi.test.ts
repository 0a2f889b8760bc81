import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { findGpu, onlyGpu } from './find-gpu.js'
import { GpuMeter } from './gpu-meter.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nvidia-smi-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** An `nvidia-smi` that knows one card, number 1: 500 MiB used, then busy with 900 MiB while asked again and again. */
function fakeNvidiaSmi(): void {
  const script = `#!/bin/sh
case "$*" in
  --id=1*memory.total*) echo "Some Card, 580.1, 8192" ;;
  --id=1*utilization*) for i in 1 2 3 4 5 6 7 8 9 10; do echo "$((i * 10)), $((500 + i * 40))"; sleep 0.05; done; exec sleep 60 ;;
  --id=1*memory.used*) echo 500 ;;
  *) exit 6 ;;
esac
`
  writeFileSync(join(folder, 'nvidia-smi'), script)
  chmodSync(join(folder, 'nvidia-smi'), 0o755)
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`)
}

it('finds the first card that may be used', () => {
  fakeNvidiaSmi()
  const gpu = findGpu({ CUDA_VISIBLE_DEVICES: '1,2' })
  expect(gpu).toEqual({ id: '1', name: 'Some Card', driver: '580.1', memoryMiB: 8192 })
  expect(onlyGpu(gpu)).toEqual({ CUDA_VISIBLE_DEVICES: '1', CUDA_DEVICE_ORDER: 'PCI_BUS_ID' })
})

it('says in a line when there is none', () => {
  writeFileSync(join(folder, 'nvidia-smi'), '#!/bin/sh\nexit 9\n', { mode: 0o755 })
  vi.stubEnv('PATH', folder)
  expect(() => findGpu({})).toThrow('bench:gpu: wanted an NVIDIA GPU, got none (`nvidia-smi` lists no GPU). It needs a card')
  fakeNvidiaSmi()
  expect(() => findGpu({})).toThrow('lists no GPU')
  expect(() => findGpu({ CUDA_VISIBLE_DEVICES: '' })).toThrow("none with CUDA_VISIBLE_DEVICES=''")
})

it('measures memory of a whole turn, and utilisation of its timed part', async () => {
  fakeNvidiaSmi()
  const meter = new GpuMeter(findGpu({ CUDA_VISIBLE_DEVICES: '1' }))
  expect(meter.memoryMiB).toBeNaN()
  meter.begin()
  await vi.waitUntil(() => meter.memoryMiB === 400, { timeout: 10_000 })
  const { utilisation, memoryMiB } = meter.end()
  expect(memoryMiB).toBe(400)
  expect(utilisation).toBeGreaterThanOrEqual(55)
  expect(utilisation).toBeLessThanOrEqual(100)
})

it('has no utilisation without a timed part', async () => {
  fakeNvidiaSmi()
  const meter = new GpuMeter(findGpu({ CUDA_VISIBLE_DEVICES: '1' }))
  await vi.waitUntil(() => meter.memoryMiB > 0, { timeout: 10_000 })
  expect(meter.end().utilisation).toBeNaN()
})
