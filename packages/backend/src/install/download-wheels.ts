import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BackendError } from '@metric-learning/contracts'
import { runCommand } from './run-command.js'
import { pipFailure } from './pip-failure.js'

/** What to fetch, and where to. */
export interface WheelDownload {
  readonly python: string
  /** The file of pinned requirements. */
  readonly requirements: string
  /** The tags of platforms whose wheels are taken, the most wanted first. */
  readonly platforms: readonly string[]
  /** Where the wheels end up. Whole ones that are there already are not fetched again. */
  readonly folder: string
  /** For pip's own temporary files: on the same disk, since /tmp is often small. */
  readonly temporary: string
  readonly env?: NodeJS.ProcessEnv
  /** Called every few seconds with the bytes that have come so far. */
  readonly onProgress?: (bytes: number) => void
}

function bytesIn(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
  } catch {
    return 0 // pip moved a file while we looked
  }
}

/**
 * Fetches pinned wheels with pip, which checks every hash; proxies, certificates and mirrors are those pip is set up for.
 *
 * The wheels of CPython 3.12 are asked for whatever Python runs, since only the libraries in them count.
 *
 * @returns the paths of the wheels.
 * @throws {BackendError} one line on what went wrong: network, hash, disk.
 */
export async function downloadWheels(download: WheelDownload): Promise<string[]> {
  const { python, requirements, platforms, folder, temporary, env = process.env, onProgress } = download
  mkdirSync(folder, { recursive: true })
  mkdirSync(temporary, { recursive: true })
  // pip copies from the one to the other when it has everything.
  const timer = setInterval(() => onProgress?.(Math.max(bytesIn(folder), bytesIn(temporary))), 5000)
  const result = await runCommand(
    python,
    [
      ...['-m', 'pip', 'download', '--require-hashes', '--no-deps', '--only-binary=:all:', '--no-cache-dir'],
      ...['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312', '--abi', 'none'],
      ...platforms.flatMap((platform) => ['--platform', platform]),
      ...['--progress-bar', 'off', '--retries', '3', '--dest', folder, '--requirement', requirements],
    ],
    { env: { ...env, TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: 'false', PIP_DISABLE_PIP_VERSION_CHECK: '1' } },
  ).finally(() => clearInterval(timer))
  if (result.code !== 0) throw new BackendError(pipFailure(result.output))
  return readdirSync(folder)
    .filter((name) => name.endsWith('.whl'))
    .map((name) => join(folder, name))
}
