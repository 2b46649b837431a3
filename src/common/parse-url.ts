// Reads a URL without throwing. Not with URL.canParse, which the URL of jsdom 20 (jest 29) lacks.

export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
