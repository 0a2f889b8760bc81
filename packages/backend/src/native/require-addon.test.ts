import { BackendError } from '@metric-learning/contracts'
import { expect, it } from 'vitest'
import { requireAddon } from './require-addon.js'

it.each([true, false])('names an addon that cannot be loaded, and says what to do (logs %s)', (tensorflowLogs) => {
  const load = () => requireAddon('/no/such/tfjs_binding.node', tensorflowLogs)
  expect(load).toThrow(BackendError)
  expect(load).toThrow('wanted to load /no/such/tfjs_binding.node, got Cannot find module')
  expect(load).toThrow('run the set-up again')
})
