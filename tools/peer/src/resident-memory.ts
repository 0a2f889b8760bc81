import { readFileSync } from 'node:fs'

/**
 * Memory of this process that is resident, in MiB, as Linux counts it: now, or at its peak. The peak is `VmHWM`, not
 * `getrusage`'s, which counts what the parent held when it started the process.
 */
export function residentMemory(when: 'now' | 'peak'): number {
  const entry = when === 'now' ? 'VmRSS' : 'VmHWM'
  const [, kib] = new RegExp(`^${entry}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))!
  return Number(kib) / 1024
}
