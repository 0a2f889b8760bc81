import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { nodeComplaint } from './node-complaint.js'

it('complains of a Node that package.json does not take, and of no other', () => {
  expect(nodeComplaint('a', '18.20.8')).toBe('a: wanted Node 20.19 or newer, got 18.20.8. Install one from nodejs.org, or by your version manager.')
  expect(nodeComplaint('a', '20.18.3')).toContain('got 20.18.3')
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '26.12.1']) expect(nodeComplaint('a', version)).toBeUndefined()
  expect(nodeComplaint('a')).toBeUndefined()
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { engines: { node: string } }
  expect(engines.node).toBe('>=20.19')
})
