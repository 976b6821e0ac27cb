/// <reference lib="es2024.string" />

/** Whether PostgreSQL can store the text, in `text` as in `jsonb`: no NUL and no lone surrogate. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Replaces each NUL and lone surrogate by U+FFFD; the length stays. */
export function makeStorable(text: string): string {
  return isStorable(text) ? text : text.toWellFormed().replaceAll('\0', '\ufffd');
}
