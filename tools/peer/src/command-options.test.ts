import { Command } from 'commander'
import { expect, it, vi } from 'vitest'
import { backendOption, backendPageOption, pageOf } from './command-options.js'

function parse(...args: string[]) {
  const command = new Command().exitOverride().addOption(backendOption()).addOption(backendPageOption('docs/some-speed.md'))
  return command.parse(args, { from: 'user' }).opts<{ backend: string; output?: string }>()
}

it('takes the processor unless told otherwise, and no backend that is measured nowhere', () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(parse().backend).toBe('native-cpu')
  expect(parse('--backend', 'cuda').backend).toBe('cuda')
  expect(() => parse('--backend', 'wasm')).toThrow('Allowed choices are native-cpu, cuda')
  vi.restoreAllMocks()
})

it('has a page for each backend: a card is no processor', () => {
  expect(parse().output).toBeUndefined()
  expect(pageOf('docs/some-speed.md', 'native-cpu')).toMatch(/\/docs\/some-speed\.md$/)
  expect(pageOf('docs/some-speed.md', 'cuda')).toMatch(/\/docs\/some-speed-cuda\.md$/)
  expect(backendPageOption('docs/some-speed.md').description).toContain('docs/some-speed-cuda.md')
})
