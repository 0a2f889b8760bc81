import { BackendError } from '@metric-learning/contracts'
import type { NativeVariant } from './native-layout.js'

/** What the choice of wheels depends on. */
export interface Platform {
  readonly os: string
  readonly arch: string
  /** The version of glibc; undefined with another C library such as musl. */
  readonly glibc: string | undefined
}

/** The platform this process runs on. */
export function currentPlatform(): Platform {
  const report: unknown = process.report.getReport()
  const { header } = report as { header: { glibcVersionRuntime?: string } }
  return { os: process.platform, arch: process.arch, glibc: header.glibcVersionRuntime }
}

/**
 * The tags of the wheels a platform can use, such as `manylinux_2_27_x86_64`, the newest first. TensorFlow's are
 * built for glibc 2.27, NVIDIA's for that or older ones.
 *
 * @throws {BackendError} where TensorFlow publishes no C library of the variant that this package could use.
 */
export function wheelPlatforms(variant: NativeVariant, platform: Platform): string[] {
  const { os, arch, glibc } = platform
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[arch]
  const [major = 0, minor = 0] = (glibc ?? '0').split('.').map(Number)
  const recent = major > 2 || (major === 2 && minor >= 27)
  if (os !== 'linux' || machine === undefined || !recent || (variant !== 'cpu' && arch !== 'x64')) {
    const wanted = variant !== 'cpu' ? 'Linux on x86-64' : 'Linux on x86-64 or 64-bit ARM'
    throw new BackendError({
      who: 'native set-up',
      wanted: `${wanted} with glibc 2.27 or later`,
      got: os === 'linux' ? `${os} ${arch}, ${glibc ? `glibc ${glibc}` : 'no glibc (musl?)'}` : `${os} ${arch}`,
      fix: 'Use the wasm backend here, or run in a Linux container or virtual machine.',
    })
  }
  return ['2_27', '2_17', '2014', '2_12', '2010'].map((tag) => `manylinux${tag.includes('_') ? '_' : ''}${tag}_${machine}`)
}
