// Makes what a stranger sent fit to be shown and logged: short, and nothing in it that moves a cursor or ends a line.

/** At most `max` characters, with control, format and unpaired surrogate characters escaped as `\u{…}`. */
export function printable(text: string, max = 200): string {
  const short = text.length > max ? `${text.slice(0, max)}…` : text
  return short.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}
