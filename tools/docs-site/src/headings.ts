/** The anchor of a heading, as code hosts make it of its text. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')

/** Anchors of all headings of a Markdown text; of equal ones the later are numbered. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading] of withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = anchorOf(plainText(heading!))
    let free = anchor
    for (let i = 1; anchors.has(free); i++) free = `${anchor}-${i}`
    anchors.add(free)
  }
  return anchors
}

/** What a heading shows: links as their texts, code as it is, nothing stressed. */
const plainText = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .replaceAll(/<[^>]+>/g, '')

/** The text with blocks of code left out. */
export const withoutCode = (markdown: string): string => markdown.replaceAll(/^```.*?^```$/gms, '')
