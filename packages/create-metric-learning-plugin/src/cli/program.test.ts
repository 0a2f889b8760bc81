import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { newCommand } from '../new-command.js'
import { program, type Ask } from './program.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'create-program-'))
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

async function said(args: readonly string[], ask?: Ask): Promise<string> {
  const lines: string[] = []
  await program((line) => void lines.push(line), ask).parseAsync(args, { from: 'user' })
  return lines.join('\n')
}

it('goes by the word that a name ends with, and says what comes next', async () => {
  expect(await said(['@acme/spread-loss', '--author', 'A. Author'])).toMatch(/^@acme\/spread-loss: a loss, SpreadLoss, in spread-loss\/\n\n {2}cd spread-loss\n {2}npm install\n/)
  expect(JSON.parse(readFileSync(join(folder, 'spread-loss/package.json'), 'utf8'))).toMatchObject({ name: '@acme/spread-loss', author: 'A. Author' })
})

it('takes kind and folder, also that where it stands', async () => {
  expect(await said(['quick', '--kind', 'metric', '--folder', '.'])).toMatch(/^quick: a metric, quickMetric, in this folder\n\n {2}npm install\n/)
  expect(existsSync(join(folder, 'src/quick-metric.ts'))).toBe(true)
})

it('asks for what it does not know, where somebody is there', async () => {
  const ask: Ask = ({ name = 'asked-miner', kind = 'miner' }) => Promise.resolve({ name, kind })
  expect(await said([], ask)).toContain('asked-miner: a miner, AskedMiner')
  expect(await said(['quick'], ask)).toContain('quick: a miner, QuickMiner')
})

it('says what is missing, where nobody is there', async () => {
  await expect(said([])).rejects.toThrow('wanted a name, got none')
  await expect(said(['quick'])).rejects.toThrow('wanted a kind of plugin: loss, miner')
  await expect(said(['quick', '--kind', 'lose'])).rejects.toThrow('got "lose"')
  await expect(said(['Quick-Loss'])).rejects.toThrow('wanted a name that npm takes: small letters')
})

it('adds a part to a project by the command `new`', async () => {
  writeFileSync(join(folder, 'package.json'), '{ "devDependencies": { "vitest": "^4" } }')
  const lines: string[] = []
  await newCommand((line) => void lines.push(line)).parseAsync(['schedule', 'noam'], { from: 'user' })
  expect(lines).toEqual([
    'noamSchedule: noam-schedule.ts, noam-schedule.test.ts',
    'It wants these packages: npm install @metric-learning/contracts @metric-learning/schedules',
    'Its test wants these: npm install --save-dev @metric-learning/backend @metric-learning/plugin-testkit @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-core@4.22.0',
    'Try it: npx vitest run noam-schedule.test.ts',
  ])
})
