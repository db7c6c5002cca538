// Sets the theme before the first paint, so that a dark page never flashes light. A file of its own: the CSP allows no inline script.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('telehub.theme')
  } catch {
    // Storage can be blocked; the system's theme will do.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
