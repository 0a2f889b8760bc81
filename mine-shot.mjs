import { chromium } from 'playwright-core'
const [url, prefix] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
for (const [name, width, colorScheme] of [['light',1180,'light'],['narrow-dark',420,'dark']]) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
  page.on('console', m => console.log('console', m.text())); page.on('pageerror', e => console.log('error', e.message))
  await page.goto(url); await page.waitForTimeout(1500)
  console.log(await page.locator('.where').first().textContent(), await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]))
  await page.screenshot({ path: `${prefix}-${name}.png`, fullPage: true })
}
await browser.close()
