// Shows when a key is text and when it may be an action.

import { expect, it } from 'vitest'
import { isTyping } from './keyboard.ts'

it('leaves keys alone while a field has the focus', () => {
  expect(['input', 'textarea', 'select', 'button', 'a'].map((tag) => isTyping(document.createElement(tag)))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
  expect(isTyping(null)).toBe(false)
})
