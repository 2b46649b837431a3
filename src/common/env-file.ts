// Recognises what stands in a file of keys in place of NAME=value lines.

/** The first command of a Windows shell that sets one of our variables: dotenv does not read such lines. */
export function shellCommandIn(text: string): string | undefined {
  return /^[ \t]*(?:setx?\s+"?|\$env:\s*)QIANFAN_\w+/im.exec(text)?.[0].trim();
}
