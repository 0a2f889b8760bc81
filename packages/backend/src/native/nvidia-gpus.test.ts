import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { nvidiaDriver, nvidiaGpus } from './nvidia-gpus.js'
import { findNvidiaSmi } from './nvidia-smi.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nvidia-'))
  return () => rmSync(folder, { recursive: true })
})

function plant(path: string, text: string, mode = 0o644): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text, { mode })
  return dirname(file)
}

/** A program that knows a card called like its folder. */
const smi = (path: string) => plant(`${path}/nvidia-smi`, `#!/bin/sh\ncase "$1" in *name*) echo "Card of ${path}" ;; *driver_version*) echo 470.57.02 ;; *) exit 6 ;; esac\n`, 0o755)
const nowhere = '/there/is/no/driver'

describe('nvidiaGpus', () => {
  it('asks the nvidia-smi of the PATH, or of the places where drivers put it', () => {
    const [onPath, elsewhere] = [smi('path'), smi('elsewhere')]
    expect(nvidiaGpus({ PATH: onPath }, nowhere, [elsewhere])).toEqual(['Card of path'])
    expect(nvidiaGpus({ PATH: '/empty' }, nowhere, ['/empty', elsewhere])).toEqual(['Card of elsewhere'])
    expect(nvidiaDriver({}, nowhere, [elsewhere])).toBe('470.57.02')
    expect(nvidiaGpus({ PATH: '/empty' }, nowhere, ['/empty'])).toEqual([])
  })

  it('takes no file for a program that may not be run', () => {
    expect(findNvidiaSmi({ PATH: plant('text/nvidia-smi', 'no program') }, [])).toBeUndefined()
  })

  it('asks the driver itself where there is no nvidia-smi', () => {
    plant('driver/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA H200\nIRQ:   \t\t 45\n')
    plant('driver/version', 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024\n')
    expect(nvidiaGpus({ PATH: '/empty' }, join(folder, 'driver'), [])).toEqual(['NVIDIA H200'])
    expect(nvidiaDriver({ PATH: '/empty' }, join(folder, 'driver'), [])).toBe('550.54.14')
    expect(nvidiaDriver({ PATH: '/empty' }, nowhere, [])).toBeUndefined()
  })

  it('has none where they are hidden', () => {
    const path = smi('path')
    for (const hidden of ['', '-1']) expect(nvidiaGpus({ PATH: path, CUDA_VISIBLE_DEVICES: hidden })).toEqual([])
    expect(nvidiaGpus({ PATH: path, CUDA_VISIBLE_DEVICES: '0' })).toEqual(['Card of path'])
  })
})
