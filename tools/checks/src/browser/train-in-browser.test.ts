import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ContrastiveLoss } from '@metric-learning/losses'
import * as tf from '@tensorflow/tfjs-core'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FromPage, GivenToPage } from './on-page.js'

/** Chromium of this machine: METRIC_LEARNING_BROWSER, or where Linux puts it. */
const browser = [process.env['METRIC_LEARNING_BROWSER'] ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find((file) => existsSync(file))

const given: GivenToPage = {
  embeddings: [[1, 0.1, 0], [0.9, 0.3, 0.1], [0, 1, 0.2], [0.2, 0.9, 0], [0.1, 0, 1], [0, 0.3, 0.8]],
  matrix: [[0.5, 0.1], [-0.2, 0.4], [0.3, 0.3]],
}
const labels = [0, 0, 1, 1, 2, 2]

/** One file for browsers, as Vite makes it. */
async function bundle(folder: string): Promise<string> {
  await build({
    root: folder,
    logLevel: 'error',
    resolve: { conditions: ['@metric-learning/source', 'browser', 'import', 'module', 'default'] },
    build: { outDir: folder, emptyOutDir: false, lib: { entry: fileURLToPath(new URL('./train-in-browser.ts', import.meta.url)), formats: ['iife'], name: 'page', fileName: 'page' } },
  })
  return readFileSync(join(folder, readdirSync(folder).find((file) => file.endsWith('.js'))!), 'utf8')
}

describe('Losses in a browser', () => {
  it.runIf(browser)('are bundled by Vite, and give on WebGL the values, gradients and training that they give here', { timeout: 300_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'in-a-browser-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const code = await bundle(folder)
    const chrome = await chromium.launch({ executablePath: browser!, args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'] })
    onTestFinished(() => chrome.close())
    const page = await chrome.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.addScriptTag({ content: code })
    const there = await page.evaluate((values) => (globalThis as unknown as { train: (given: GivenToPage) => Promise<FromPage> }).train(values), given)

    const loss = new ContrastiveLoss({ negMargin: 0.5 })
    const { value, grad } = tf.valueAndGrad((x) => loss.compute(x as tf.Tensor2D, labels))(tf.tensor2d(given.embeddings))
    expect(errors).toEqual([])
    expect(there.backend).toBe('webgl')
    expect(there.value).toBeCloseTo(value.dataSync()[0]!, 4)
    const here = [...grad.dataSync()]
    expect(Math.max(...here.map(Math.abs))).toBeGreaterThan(0.01)
    there.gradient.forEach((number, i) => expect(number).toBeCloseTo(here[i]!, 4))
    expect(there.losses.at(-1)!).toBeLessThan(there.losses[0]! * 0.9)
    expect(there.leaked).toBe(0)
  })
})
