import katex from 'katex'
import { defineConfig } from 'vitepress'
import { anchorOf } from './headings.js'
import { sidebar } from './sidebar.js'

/** The site of the documentation, from the pages that `npm run docs:build` lays out. */
export const siteConfig = defineConfig({
  title: 'metric-learning',
  description: 'Deep metric learning for TypeScript: losses, miners, samplers, testers and a trainer with typed hooks',
  lang: 'en',
  srcDir: '../../dist/docs-site/pages',
  outDir: '../../dist/docs-site/site',
  cacheDir: '../../node_modules/.cache/docs-site',
  // Opens from any folder of a server.
  base: process.env['DOCS_BASE'] ?? '/',
  cleanUrls: false,
  metaChunk: true,
  markdown: {
    anchor: { slugify: anchorOf },
    toc: { slugify: anchorOf },
    headers: { slugify: anchorOf },
    config(md) {
      const { fence } = md.renderer.rules
      md.renderer.rules.fence = (...args) => {
        const [tokens, index] = args
        const { info, content } = tokens[index]!
        if (info.trim() !== 'math') return fence!(...args)
        return `<div v-pre class="formula">${katex.renderToString(content, { displayMode: true, output: 'htmlAndMathml' })}</div>\n`
      }
    },
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        // Formulas are drawn, not searched.
        _render: (source, env, md) => md.render(source.replaceAll(/^```math$.*?^```$/gms, ''), env),
        miniSearch: { searchOptions: { boost: { title: 4, text: 1, titles: 2 } } },
      },
    },
    nav: [
      { text: 'First hour', link: '/first-hour/' },
      { text: 'Questions', link: '/questions/' },
      { text: 'Losses', link: '/losses/' },
      { text: 'From PyTorch', link: '/coming-from-pml' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
  },
})
