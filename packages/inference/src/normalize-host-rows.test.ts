import { expect, it } from 'vitest'
import { normalizeHostRows } from './normalize-host-rows.js'

it('normalizeHostRows gives each row length 1, however large or small, and leaves zeros alone', () => {
  const embeddings = Float32Array.of(3, -4, 0, 0, 3e30, 4e30, 3e-10, 4e-10)
  normalizeHostRows({ embeddings, dim: 2 })
  const wanted = [0.6, -0.8, 0, 0, 0.6, 0.8, 0.6, 0.8]
  embeddings.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 6))
})
