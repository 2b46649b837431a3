// What is wrong with a file of NAME=value lines, such as `.env`, in which dotenv does not find a variable that a person
// sees there. It must not know who reads the file, or what for.

import { nameOf, unicode } from './characters';
import { APPLICATION_KEYS } from './credentials';

const FORMATTING = String.raw`(?!\p{ASCII})[\p{Cf}\p{P}]`;

/** Why these variables are not found in a file with this text. It follows the file's name in a sentence. */
export function explainNotFound(text: string, names: readonly string[]): string | undefined {
  // Text in UTF-8 has no zero byte, and every ASCII character of UTF-16 has one.
  if (text.includes('\0')) return 'is UTF-16, as Windows PowerShell saves, or no text; save it as UTF-8';
  const command = /^[ \t]*(?:setx?\s+"?|\$env:\s*)QIANFAN_\w+/im.exec(text)?.[0].trim();
  if (command !== undefined) return `has commands of a Windows shell (${command}); write lines such as NAME=value`;
  for (const name of names) {
    const odd = oddCharacterAt(name, text);
    if (odd !== undefined) return `has an odd character, ${nameOf(odd)}; write ${name}=value`;
  }
  const ofApplication = APPLICATION_KEYS.filter((name) => isAssigned(name, text));
  if (ofApplication.length === 0) return undefined;
  return `has ${ofApplication.join(' and ')} in place of ${names.join(' and ')}; keys of an application do not work here`;
}

/** The first character that keeps the line of a variable from being one, such as a full-width `：` or an invisible one. */
function oddCharacterAt(name: string, text: string): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    // A Chinese input method writes full-width forms of ASCII characters, and quotes of its own.
    const meant = line.normalize('NFKC').replace(unicode(FORMATTING), '');
    if (isAssigned(name, meant) && !isAssigned(name, line)) return /[^ -~\s]/u.exec(line)?.[0];
  }
  return undefined;
}

function isAssigned(name: string, text: string): boolean {
  return new RegExp(String.raw`^\s*(?:export\s+)?${name}\s*[=:]`, 'm').test(text);
}
