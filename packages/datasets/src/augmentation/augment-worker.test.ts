import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { AugmentBatch } from './augment-batch.js'
import { AugmentPool } from './augment-pool.js'

/** Made by fixtures/augmentations.py. */
const fixture = JSON.parse(readFileSync(new URL('../../fixtures/augmentations.json', import.meta.url), 'utf8')) as Record<string, number[]>
const [HEIGHT, WIDTH] = [9, 11]

const pool = new AugmentPool(1)
afterAll(() => pool.dispose())

function run(more: Partial<AugmentBatch>, window: readonly [number, number] = [HEIGHT, WIDTH]): Promise<Uint8Array> {
  const pixels = Uint8Array.from(fixture['image']!)
  return pool.run({ pixels, shape: [1, HEIGHT, WIDTH, 3], window, padding: 0, fill: 0, placements: Int32Array.of(0, 0, HEIGHT, WIDTH, 0), erasedValue: 0, ...more })
}

/** torchvision rounds differently where a value lies between two: by one, or by two where it rounds twice. */
function expectNear(got: Uint8Array, name: string, tolerance: number): void {
  const wanted = fixture[name]!
  expect(got.length).toBe(wanted.length)
  expect(Math.max(...wanted.map((value, i) => Math.abs(value - got[i]!)))).toBeLessThanOrEqual(tolerance)
}

describe('the worker that augments, against torchvision', () => {
  it('scales windows down and up', async () => {
    expectNear(await run({ placements: Int32Array.of(2, 1, 6, 8, 0) }, [4, 5]), 'scaled', 1)
    expectNear(await run({ placements: Int32Array.of(2, 1, 3, 4, 0) }, [5, 6]), 'enlarged', 1)
  })

  it.each([
    ['brightness', 0, 1.4, 1],
    ['contrast', 1, 0.6, 1],
    ['saturation', 2, 1.7, 2],
    ['hue', 3, 0.2, 1],
  ] as const)('changes %s', async (name, which, factor, tolerance) => {
    const jitter = Float64Array.of(which, 0, 1, 2, 1, 1, 1, 0)
    jitter.set([0, 1, 2, 3].sort((a, b) => Number(b === which) - Number(a === which)))
    jitter[4 + which] = factor
    const got = await run({ jitter })
    expectNear(got, name, tolerance)
    expect([...got]).not.toEqual(fixture['image'])
  })

  it('erases a box', async () => {
    expect([...(await run({ erased: Int32Array.of(1, 2, 3, 4) }))]).toEqual(fixture['erased'])
  })
})
