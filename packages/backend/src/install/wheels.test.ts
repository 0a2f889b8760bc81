import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { downloadWheels } from './download-wheels.js'
import { findPython } from './find-tools.js'
import { runCommand } from './run-command.js'
import { unpackWheels } from './unpack-wheels.js'

const python = await findPython().catch(() => undefined)

/** An empty folder for the length of a test. */
function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A wheel of a few bytes in a folder of its own: pip reads it from there, without a network. */
async function tinyWheel() {
  const folder = temporaryFolder('wheels-')
  const wheel = join(folder, 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl')
  const info = 'tensorflow_cpu-2.21.0.dist-info'
  const files = {
    'tensorflow/libtensorflow_cc.so.2': 'library',
    'tensorflow/libtensorflow_framework.so.2': 'framework',
    'tensorflow/python/big.so': 'not used',
    'tensorflow/include/tensorflow/c/c_api.h': 'header',
    'tensorflow/include/tensorflow/core/framework/op.h': 'not used',
    'nvidia/cudnn/lib/libcudnn.so.9': 'cudnn',
    [`${info}/LICENSE`]: 'licence',
    [`${info}/METADATA`]: 'Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: 2.21.0\n',
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nTag: cp312-cp312-manylinux_2_27_x86_64\n',
  }
  const zip = 'import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n  for n, t in json.loads(sys.argv[2]).items(): z.writestr(n, t)'
  await runCommand(python!, ['-c', zip, wheel, JSON.stringify(files)])
  return { folder, wheel, hash: createHash('sha256').update(readFileSync(wheel)).digest('hex') }
}

/** Asks for the tiny wheel under a hash. */
async function download(source: string, hash: string, folder = temporaryFolder('downloads-')) {
  const requirements = join(source, 'requirements.txt')
  writeFileSync(requirements, `tensorflow-cpu==2.21.0 --hash=sha256:${hash}\n`)
  return downloadWheels({
    python: python!,
    requirements,
    platforms: ['manylinux_2_27_x86_64'],
    folder,
    temporary: join(folder, 'temporary'),
    env: { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: source, PIP_CONFIG_FILE: '/dev/null' },
  })
}

describe.runIf(python)('wheels', () => {
  it('are fetched by pip when the hash is the pinned one', async () => {
    const { folder, hash, wheel } = await tinyWheel()
    const wheels = await download(folder, hash)
    expect(wheels).toHaveLength(1)
    expect(readFileSync(wheels[0]!)).toEqual(readFileSync(wheel))
  })

  it('are refused with another hash', async () => {
    const { folder } = await tinyWheel()
    await expect(download(folder, '0'.repeat(64))).rejects.toThrow('a wheel with another hash than the pinned one')
  })

  it('are fetched again when a killed set-up left a part of one', async () => {
    const { folder, hash, wheel } = await tinyWheel()
    const [first] = await download(folder, hash)
    writeFileSync(first!, 'half')
    const [again] = await download(folder, hash, join(first!, '..'))
    expect(readFileSync(again!)).toEqual(readFileSync(wheel))
  })

  it('say when the index does not have one', async () => {
    const empty = temporaryFolder('empty-')
    await expect(download(empty, '0'.repeat(64))).rejects.toThrow('a package index that does not have it')
  })

  it('are unpacked as far as they are used', async () => {
    const { folder, wheel } = await tinyWheel()
    const target = join(folder, 'library')
    await unpackWheels(python!, [wheel], target)
    expect(readFileSync(join(target, 'tensorflow/libtensorflow_cc.so.2'), 'utf8')).toBe('library')
    for (const used of ['tensorflow/include/tensorflow/c/c_api.h', 'nvidia/cudnn/lib/libcudnn.so.9', 'tensorflow_cpu-2.21.0.dist-info/LICENSE']) {
      expect(existsSync(join(target, used))).toBe(true)
    }
    expect(existsSync(join(target, 'tensorflow/python'))).toBe(false)
    expect(existsSync(join(target, 'tensorflow/include/tensorflow/core'))).toBe(false)
  })

  it('say when one is damaged', async () => {
    const { folder, wheel } = await tinyWheel()
    writeFileSync(wheel, 'no archive')
    await expect(unpackWheels(python!, [wheel], join(folder, 'library'))).rejects.toThrow('not a zip file')
  })
})
