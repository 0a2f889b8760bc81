import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rooms } from './code/read-exports.js'
import { root } from './root.js'

const page = readFileSync(`${root}docs/errors.md`, 'utf8')

/** Codes of errors in the sources of packages and plugins, `code = 'ML_…'`, with their classes. */
const codes = rooms().flatMap((room) =>
  readdirSync(`${root}${room}/src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('.test.'))
    .flatMap((file) => [...readFileSync(`${root}${room}/src/${file}`, 'utf8').matchAll(/class (\w+) extends \w*Error \{[^}]*?code = '(ML_\w+)'/g)].map(([, name, code]): [string, string] => [code!, name!])),
)

describe('docs/errors.md', () => {
  it('finds the codes of the sources', () => {
    expect(codes.map(([code]) => code)).toEqual(expect.arrayContaining(['ML_OPTION', 'ML_CHECKPOINT', 'ML_NOT_FINITE']))
  })

  it.each(codes)('says of %s its class, cause and remedy', (code, name) => {
    const section = page.split(/^## /m).find((text) => text.startsWith(`\`${code}\``))
    expect(section).toContain(`\`${name}\``)
    expect(section).toMatch(/^- \*\*Cause\*\*: \S/m)
    expect(section).toMatch(/^- \*\*Remedy\*\*: \S/m)
  })

  it('has no code that is nowhere thrown', () => {
    const told = [...page.matchAll(/^## `(ML_\w+)`/gm)].map(([, code]) => code!)
    expect(told.sort()).toEqual([...new Set(codes.map(([code]) => code))].sort())
  })
})
