import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fastifyRefusal, placeOf, refusal } from './arrows.js';

const ROOT = dirname(import.meta.dirname);

/** Imports follow lint/arrows.js. */
const arrowsRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const from = posix(relative(ROOT, context.filename));
    const check = (node, name, isTypeOnly) => {
      const why = name.startsWith('.')
        ? refusal(from, sourceOf(join(dirname(context.filename), name)), isTypeOnly)
        : fastifyRefusal(from, name);
      if (why !== undefined) context.report({ node, message: why });
    };
    return {
      Program(node) {
        if (placeOf(from) === undefined)
          context.report({ node, message: `lint/arrows.js does not cover ${from}.` });
      },
      ImportDeclaration: (node) => check(node, node.source.value, isTypeOnly(node, node.importKind)),
      ExportAllDeclaration: (node) => check(node, node.source.value, node.exportKind === 'type'),
      ExportNamedDeclaration: (node) =>
        node.source && check(node, node.source.value, node.exportKind === 'type'),
      ImportExpression: (node) => node.source.type === 'Literal' && check(node, node.source.value, false),
      TSImportType: (node) => check(node, node.source.value, true),
    };
  },
};

/** The source of an imported file, within the project. */
function sourceOf(path) {
  const stem = path.replace(/\.js$/, '');
  if (stem === path) return posix(relative(ROOT, path));
  return posix(relative(ROOT, `${stem}${existsSync(`${stem}.tsx`) ? '.tsx' : '.ts'}`));
}

function isTypeOnly(node, kind) {
  return (
    kind === 'type' ||
    (node.specifiers.length > 0 && node.specifiers.every((each) => each.importKind === 'type'))
  );
}

function posix(path) {
  return path.split(sep).join('/');
}

export default { meta: { name: 'project' }, rules: { arrows: arrowsRule } };
