import { Html, html, type HtmlPart } from './html.js'
import { STYLE } from './style.js'

export interface PageParts {
  readonly title: string
  readonly summary: string
  /** Sections; those that are missing are left out. */
  readonly sections: HtmlPart
  readonly footer: string
  /** Further rules for its looks. Default none. */
  readonly style?: string
  /** What stands at the end of the document. Default nothing. */
  readonly end?: Html
}

/** The whole document: one file that asks for nothing else, unless `end` does. */
export function page({ title, summary, sections, footer, style = '', end }: PageParts): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(STYLE + style)}</style>
</head>
<body>
<header class="top">
<h1>${title}</h1>
<p class="summary">${summary}</p>
</header>
<main>
${sections}</main>
<footer>${footer}</footer>
${end}</body>
</html>
`
}
