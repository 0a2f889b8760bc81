import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { BackendError } from '@metric-learning/contracts'
import { expectCuda, machine, pythonWith, say, threads, versions } from '@metric-learning/peer'
import type { Device } from '../turn.js'
import { findGpu, type Gpu } from './find-gpu.js'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** All that a benchmark on a device needs. */
export interface MeasuredDevice {
  /** Has PyTorch and PyTorch Metric Learning. */
  readonly python: string
  /** The card; none when the processor is measured. */
  readonly gpu: Gpu | undefined
  /** The device and the versions of both sides, in a line. */
  readonly circumstances: string
}

/**
 * Looks for the card first, then sets up TensorFlow for the device, and PyTorch.
 *
 * @throws {BackendError} when there is no card, or one of the two libraries does not see it.
 */
export async function setUpDevice(device: Device, givenPython: string | undefined): Promise<MeasuredDevice> {
  const gpu = device === 'cuda' ? findGpu() : undefined
  const setup = [`${root}tools/setup.mjs`, '--require-native', ...(gpu ? ['--cuda'] : [])]
  if (spawnSync(process.execPath, setup, { stdio: 'inherit' }).status !== 0) {
    throw new BackendError({
      who: 'bench:gpu',
      wanted: 'native TensorFlow',
      got: 'a set-up that failed, as it says above',
      fix: 'Do what it says, then try again.',
    })
  }
  const python = await pythonWith('pytorch', { modules: ['torch', 'pytorch_metric_learning'], python: givenPython, say })
  const libraries = await versions(python)
  if (!gpu) return { python, gpu, circumstances: `Machine: ${machine()}, no card. ${libraries}. ${threads} threads each.` }
  const { name, driver, memoryMiB } = gpu
  const card = `${name}, ${Math.round(memoryMiB / 1024)} GiB, driver ${driver}`
  return { python, gpu, circumstances: `Card: ${card}; machine: ${machine()}. ${libraries}, ${await expectCuda(python, 'bench:gpu')}.` }
}

