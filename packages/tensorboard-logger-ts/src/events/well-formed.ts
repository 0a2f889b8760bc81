/**
 * A text with U+FFFD in place of each half of a pair of UTF-16 that stands alone, as a text that is cut within an emoji has it.
 * Such halves have no UTF-8, and a reader of protocol buffers stops at them.
 */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd')
