// `npm run check:live-page [-- FOLDER]`: the live page of a quickstart under way, in Chromium.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataError } from '@metric-learning/contracts'
import { quickDraw, samplePng } from '@metric-learning/datasets'
import { path, runMain, say, sourceProgram } from '@metric-learning/peer'
import { Command } from 'commander'
import { chromium, type Browser, type Page } from 'playwright-core'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
/** Milliseconds: an epoch takes minutes where the machine is busy. */
const PATIENCE = 15 * 60_000

const command = new Command('npm run check:live-page --')
  .description('The live page of a quickstart under way, in Chromium: it follows the run, loses nothing when the browser closes, fits 420 pixels, and says when the run has ended.')
  .argument('[folder]', 'where pictures are left (default: nowhere)', path)
  .option('--browser <file>', 'the browser', '/usr/bin/chromium')
  .parse()
const { browser: executablePath } = command.opts<{ browser: string }>()
const pictures = command.processedArgs[0] as string | undefined

await runMain(async () => {
  const runs = mkdtempSync(join(tmpdir(), 'live-page-'))
  const drawings = join(runs, 'drawings')
  await writeDrawings(drawings)
  const run = spawn(process.execPath, sourceProgram('examples/quickstart/src/main.ts', '--data', drawings, '--image-size', '28', '--live', '0', '--epochs', '60', '--output', runs), { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] })
  process.once('exit', () => run.kill('SIGKILL'))
  try {
    const url = await addressOf(run)
    say(`The page is at ${url}`)
    await follows(url)
    await losesNothing(url)
    await saysWhenItEnds(url, run)
  } finally {
    run.kill('SIGKILL')
    rmSync(runs, { recursive: true, force: true })
  }
})

/** A data set that is trained on in seconds: drawings as files, a folder a class. */
async function writeDrawings(folder: string): Promise<void> {
  const dataset = await quickDraw({ split: 'train', samplesPerClass: 24 })
  for (const [row, label] of dataset.labels.entries()) {
    if (label >= 60) continue
    const place = join(folder, dataset.classNames[label]!)
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, `${row}.png`), await samplePng(dataset, row, { inverted: true }))
  }
}

/** Where the run serves its page. */
function addressOf(run: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    run.stderr!.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const [, url] = /Live page: (\S+)/.exec(text) ?? []
      if (url !== undefined) resolve(url)
    })
    run.once('close', () => {
      reject(fault('a run that serves its page', text))
    })
  })
}

/** Light, at 1,180 pixels: what is shown grows while nobody does anything. Some epochs, with their evaluations, are waited for. */
async function follows(url: string): Promise<void> {
  await inBrowser(url, { width: 1180, colorScheme: 'light' }, async (page) => {
    await page.waitForFunction(() => /Epoch ([6-9]|\d\d) of 60, step/.test(document.querySelector('.where')?.textContent ?? ''), undefined, { timeout: PATIENCE })
    const before = await page.locator('.where').first().textContent()
    await page.waitForFunction((text) => document.querySelector('.where')?.textContent !== text, before, { timeout: PATIENCE })
    for (const slot of ['status', 'results', 'curves', 'distances', 'retrieval', 'settings']) expectThat(await page.locator(`#live-${slot} section`).count(), (count) => count > 0, `a section in #live-${slot}`)
    expectThat(await page.locator('#live-curves svg.chart').count(), (count) => count >= 8, 'at least 8 charts')
    await picture(page, 'live-light')
    say('It follows the run: place, loss, metrics, distances, gallery.')
  })
}

/** Dark, at 420 pixels, in another browser: the curves are there from the beginning. */
async function losesNothing(url: string): Promise<void> {
  await inBrowser(url, { width: 420, colorScheme: 'dark' }, async (page) => {
    expectThat(await page.locator('#live-curves title', { hasText: 'epoch 0: ' }).count(), (count) => count > 0, 'the evaluation before the first epoch')
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth])
    expectThat(widths[0]! - widths[1]!, (over) => over <= 0, 'a page no wider than the window')
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    expectThat(background, (colour) => colour !== 'rgb(255, 255, 255)', 'a dark page')
    await picture(page, 'live-narrow-dark')
  })
  await inBrowser(url, { width: 1180, colorScheme: 'dark' }, (page) => picture(page, 'live-dark'))
  await inBrowser(url, { width: 420, colorScheme: 'light' }, (page) => picture(page, 'live-narrow'))
  say('A browser that comes later has all of it, dark and at 420 pixels, too.')
}

/** Ended by Ctrl-C, the run shows that, and the page says that nothing more comes. */
async function saysWhenItEnds(url: string, run: ChildProcess): Promise<void> {
  await inBrowser(url, { width: 1180, colorScheme: 'light' }, async (page) => {
    run.kill('SIGINT')
    await page.waitForFunction(() => /Stopped after .*: SIGINT/.test(document.querySelector('.where')?.textContent ?? ''), undefined, { timeout: PATIENCE })
    await page.locator('#notice:not([hidden])').waitFor({ timeout: PATIENCE })
    expectThat(await page.locator('#live-retrieval article').count(), (count) => count > 0, 'the gallery after the end of the run')
  }, { mayLoseConnection: true })
  say('It says when the run has ended, and keeps what it showed last.')
}

interface Window {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
}

/** In a browser of its own, whose console has to stay empty. */
async function inBrowser(url: string, { width, colorScheme }: Window, work: (page: Page) => Promise<void>, { mayLoseConnection = false } = {}): Promise<void> {
  let browser: Browser | undefined
  try {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] }).catch((cause: Error) => {
      throw new DataError({ who: 'check:live-page', wanted: `a browser at ${executablePath}`, got: cause.message.split('\n')[0]!, fix: 'Install Chromium, or name another one with --browser.', cause })
    })
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, deviceScaleFactor: 1 })
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(url)
    await work(page)
    const lost = /net::ERR_|Failed to load resource/
    expectThat(said.filter((text) => !mayLoseConnection || !lost.test(text)).join(', '), (text) => text === '', 'an empty console')
    expectThat(asked.filter((other) => !other.startsWith(url) && !other.startsWith('data:')).join(', '), (text) => text === '', 'requests to the run alone')
  } finally {
    await browser?.close()
  }
}

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true, timeout: PATIENCE })
}

function expectThat<T extends string | number>(got: T, isFine: (got: T) => boolean, wanted: string): void {
  if (!isFine(got)) throw fault(wanted, String(got))
}

function fault(wanted: string, got: string): DataError {
  return new DataError({ who: 'check:live-page', wanted, got, fix: 'Look at plugins/report/src/live and its workers.' })
}
