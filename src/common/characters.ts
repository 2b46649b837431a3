// Names a character that a reader may not see, and escapes those that a terminal or a log would obey.

// What drives a terminal, breaks a line or turns the direction of the text.
const CONTROLS = String.raw`[\p{Cc}\p{Bidi_C}\p{Zl}\p{Zp}]`;

/** A pattern with classes of characters. Built at its use: Node reads every literal at load, and a class takes it 0.1 ms. */
export const unicode = (pattern: string): RegExp => new RegExp(pattern, 'gu');

/** A character with its code point, such as `“ (U+201C)`; visible ASCII as it is, and what has no shape by its code alone. */
export function nameOf(character: string): string {
  if (/^[!-~]$/.test(character)) return character;
  const codePoint = `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
  return unicode(String.raw`^[\p{L}\p{N}\p{P}\p{S}]$`).test(character) ? `${character} (${codePoint})` : codePoint;
}

/** Foreign text as it may stand in a message: on one line, and without what a terminal or a log would obey. */
export function inOneLine(text: string): string {
  return escapeControls(text.replace(/\s+/g, ' ').trim());
}

/** Writes each control character, line separator and direction mark as `\u00XX`, which JSON reads as the same character. */
export function escapeControls(text: string): string {
  return text.replace(unicode(CONTROLS), (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
