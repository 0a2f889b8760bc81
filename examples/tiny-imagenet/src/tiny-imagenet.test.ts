import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { expect, it, onTestFinished } from 'vitest'

const wnids = ['n01443537', 'n01629819', 'n01641577', 'n01644900']

/** A few images in the layout of the archive. */
async function smallArchive(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'tiny-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const image = async (file: string, seed: number) => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * (seed + 3) * 2654435761) >>> 24)
    await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } }).jpeg().toFile(join(root, file))
  }
  const annotations: string[] = []
  for (const [label, wnid] of wnids.entries()) {
    for (let i = 0; i < 6; i++) await image(`train/${wnid}/images/${wnid}_${i}.JPEG`, 10 * label + i)
    for (let i = 0; i < 3; i++) {
      const file = `val_${annotations.length}.JPEG`
      await image(`val/images/${file}`, 100 + 10 * label + i)
      annotations.push([file, wnid, 0, 0, 63, 63].join('\t'))
    }
  }
  writeFileSync(join(root, 'wnids.txt'), wnids.join('\n'))
  writeFileSync(join(root, 'words.txt'), wnids.map((wnid) => `${wnid}\tthing ${wnid}`).join('\n'))
  writeFileSync(join(root, 'val/val_annotations.txt'), annotations.join('\n'))
  return root
}

it('trains both losses on a folder of that layout, and leaves tables, curves, pictures and a report', { timeout: 600_000 }, async () => {
  const data = await smallArchive()
  const output = join(data, '../', `${data.split('/').at(-1)!}-out`)
  onTestFinished(() => ['', '-cache'].forEach((suffix) => rmSync(output + suffix, { recursive: true, force: true })))
  const command = (...more: readonly string[]) =>
    spawnSync(process.execPath, ['--conditions', '@metric-learning/source', '--import', 'tsx', new URL('main.ts', import.meta.url).pathname, '--data', data, '--output', output, ...more], { encoding: 'utf8' })

  const whole = command('--epochs', '1')
  expect([whole.status, whole.stderr]).toEqual([1, expect.stringMatching(/tinyImageNet: wanted .*110,?000|images/)])

  const { status, stdout, stderr } = command('--epochs', '1', '--batch-size', '8', '--partial')
  expect(stderr).not.toMatch(/Error/)
  expect(status, stderr).toBe(0)
  for (const metric of ['AMI', 'NMI', 'MAP', 'MAP@R', 'MRR', 'P@1', 'R-Precision']) expect(stdout).toContain(metric)
  for (const method of ['Triplet', 'ArcFace', 'untrained trunk']) expect(stdout).toContain(`| ${method} |`)
  const run = join(output, 'runs', 'ArcFace', 'seed-0')
  expect(readdirSync(join(run, 'tensorboard')).some((file) => file.includes('tfevents'))).toBe(true)
  expect(existsSync(join(run, 'best-model', 'trunk.safetensors'))).toBe(true)
  expect(readFileSync(join(output, 'report.html'), 'utf8')).toContain('ArcFace')
})
