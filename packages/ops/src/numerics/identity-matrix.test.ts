import { expect, it } from 'vitest'
import { identityMatrix } from './identity-matrix.js'

it('identityMatrix has ones on its diagonal, whatever its shape', () => {
  expect(identityMatrix(2, 3).arraySync()).toEqual([[1, 0, 0], [0, 1, 0]])
  expect(identityMatrix(1).arraySync()).toEqual([[1]])
})
