import { BackendError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { currentPlatform, wheelPlatforms } from './supported-platform.js'

describe('wheelPlatforms', () => {
  it('names the wheels of a supported platform, newest first', () => {
    expect(wheelPlatforms('cpu', { os: 'linux', arch: 'x64', glibc: '2.39' })[0]).toBe('manylinux_2_27_x86_64')
    expect(wheelPlatforms('cpu', { os: 'linux', arch: 'arm64', glibc: '2.27' })[0]).toBe('manylinux_2_27_aarch64')
    expect(wheelPlatforms('cuda', { os: 'linux', arch: 'x64', glibc: '2.31' })).toContain('manylinux2014_x86_64')
  })

  it.each([
    { variant: 'cpu', os: 'darwin', arch: 'arm64', glibc: undefined, got: 'got darwin arm64.' },
    { variant: 'cpu', os: 'win32', arch: 'x64', glibc: undefined, got: 'got win32 x64.' },
    { variant: 'cpu', os: 'linux', arch: 'x64', glibc: undefined, got: 'no glibc (musl?)' },
    { variant: 'cpu', os: 'linux', arch: 'x64', glibc: '2.17', got: 'glibc 2.17' },
    { variant: 'cpu', os: 'linux', arch: 's390x', glibc: '2.39', got: 'linux s390x' },
    { variant: 'cuda', os: 'linux', arch: 'arm64', glibc: '2.39', got: 'linux arm64' },
  ] as const)('says what is wanted and what there is: $variant on $os $arch', ({ variant, got, ...platform }) => {
    expect(() => wheelPlatforms(variant, platform)).toThrow(BackendError)
    expect(() => wheelPlatforms(variant, platform)).toThrow(got)
    expect(() => wheelPlatforms(variant, platform)).toThrow('wasm')
  })
})

it('recognises the platform of this process', () => {
  expect(currentPlatform()).toMatchObject({ os: process.platform, arch: process.arch })
})
