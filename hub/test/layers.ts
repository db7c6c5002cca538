// The dependency rule of the three rooms, as one table, and the check of a source file against it.

import ts from 'typescript'

export interface Source {
  /** From the root of the repository, with slashes. */
  path: string
  text: string
}

interface Layer {
  /** Paths of the files that it holds. */
  files: RegExp
  /** What its files may import: paths of our own files, or names of packages. */
  may: readonly RegExp[]
}

const protocol = /^hub\/src\/protocol\//
const core = /^hub\/src\/core\//
const anyPackage = /^(?!@telehub\/|(hub|devices-sim|console|infra)\/)/
// The two doors of the hub, for the other workspaces.
const hubDoors = /^@telehub\/hub\/(protocol|client)$/

/** Higher layers know lower ones, never the reverse. The first layer that holds a file is its own. */
const layers: readonly Layer[] = [
  { files: protocol, may: [protocol, /^zod\/mini$/] },
  // `ws` only for Node, which gets its socket class only when there is no other.
  { files: /^hub\/src\/client\//, may: [/^hub\/src\/client\//, protocol, /^msgpackr(\/index-no-eval)?$/, /^ws$/] },
  // Of Node only what computes: the core does no I/O.
  { files: core, may: [core, protocol, /^node:(buffer|crypto|url)$/] },
  // An adapter imports its own folder, never another adapter's: see `ownAdapter`.
  { files: /^hub\/src\/adapters\//, may: [core, protocol, anyPackage] },
  { files: /^hub\/src\/config\.ts$/, may: [core, protocol, anyPackage] },
  {
    files: /^hub\/src\/hub\.ts$/,
    may: [/^hub\/src\/(adapters|core|protocol)\//, /^hub\/src\/config\.ts$/, anyPackage],
  },
  { files: /^hub\/src\/(main\.ts$|cli\/)/, may: [/^hub\/src\//, anyPackage] },
  { files: /^devices-sim\/src\//, may: [/^devices-sim\/src\//, hubDoors, anyPackage] },
  { files: /^console\/src\//, may: [/^console\/src\//, hubDoors, anyPackage] },
]

/** What only some files may do, besides importing. */
const rights = [
  {
    use: /\bprocess\.env\b/,
    holders: /^hub\/src\/config\.ts$|^devices-sim\/src\/cli\.ts$/,
    words: 'read the environment',
  },
  {
    use: /\bprocess\.exit(Code)?\b/,
    holders: /^hub\/src\/(main\.ts$|cli\/)|^devices-sim\/src\/cli\.ts$/,
    words: 'end the process',
  },
  {
    use: /\b(setTimeout|setInterval|setImmediate|Date\.now|performance\.now)\b/,
    // All but the core, which owns no timers but the clock it is given.
    holders: /^(?!hub\/src\/core\/)/,
    words: 'have a clock of its own',
  },
]

/** One sentence for each break of the rule; none when all is well. */
export function violations({ path, text }: Source): string[] {
  const layer = layers.find(({ files }) => files.test(path))
  if (layer === undefined) return [`${path} is in no layer`]
  const script = path.endsWith('.vue') ? scriptsOf(text) : text
  const wrongImports = importsOf(script)
    .map((specifier) => targetOf(path, specifier))
    .filter((target) => ![...layer.may, ...ownAdapter(path)].some((allowed) => allowed.test(target)))
    .map((target) => `${path} must not import ${target}`)
  const wrongUses = rights
    .filter(({ use, holders }) => !holders.test(path) && use.test(script) && use.test(withoutComments(script)))
    .map(({ words }) => `${path} must not ${words}`)
  return [...wrongImports, ...wrongUses]
}

function ownAdapter(path: string): RegExp[] {
  const folder = /^hub\/src\/adapters\/[^/]+\//.exec(path)?.[0]
  return folder === undefined ? [] : [new RegExp(`^${folder}`)]
}

function scriptsOf(component: string): string {
  return [...component.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map((match) => match[1]).join('\n')
}

/** Static and dynamic imports, and `export … from`; types too, because they are knowledge of another layer as well. */
function importsOf(script: string): string[] {
  return ts.preProcessFile(script, true, true).importedFiles.map(({ fileName }) => fileName)
}

/** A relative specifier as a path from the root; names of packages stay. */
function targetOf(path: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  return new URL(specifier, `file:///${path}`).pathname.slice(1)
}

function withoutComments(script: string): string {
  return ts.transpileModule(script, {
    compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext, verbatimModuleSyntax: true },
  }).outputText
}
