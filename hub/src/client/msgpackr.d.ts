// The build of msgpackr that compiles no code at run time, as a strict Content-Security-Policy asks; it ships no types.

declare module 'msgpackr/index-no-eval' {
  export { Packr } from 'msgpackr'
}
