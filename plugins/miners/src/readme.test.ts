import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as exported from './index.js'

it('has a row for every miner in its README', () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const names = Object.entries(exported).flatMap(([name, value]) => (typeof value === 'function' && 'declaredOptions' in value ? [name] : []))
  const rows = page.split('\n').filter((line) => line.startsWith('| `')).flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!))
  expect(names.length).toBeGreaterThan(12)
  expect(rows.sort()).toEqual(names.sort())
})
