import tseslint from 'typescript-eslint';

/**
 * Which way imports point (src/README.md draws it). Each folder may import what is listed, and itself; a folder
 * marked `type:` is allowed for its types only. Everything else within the project is refused.
 */
const FOLDERS = ['rcsp', 'catalog', 'events', 'access', 'jobs', 'plugins', 'simulator', 'client'];
const ARROWS = {
  'src/rcsp': [],
  'src/catalog': ['type:rcsp'],
  'src/events': ['catalog', 'type:rcsp'],
  'src/access': ['catalog', 'type:jobs'],
  'src/jobs': ['type:catalog'],
  'src/plugins': ['rcsp', 'catalog', 'events', 'access', 'jobs', 'openapi'],
  'src/simulator': ['catalog', 'rcsp/frame', 'rcsp/message'],
  'src/client': ['type:catalog'],
  routes: ['catalog', 'events', 'access', 'jobs', 'type:plugins', 'openapi'],
  openapi: ['catalog', 'app', 'events/protocol'],
};
/** Files that look where their folder may not. */
const EXCEPTIONS = {
  'src/events/rcsp-source.ts': ['catalog', 'rcsp'],
};

function restrict(allowed) {
  const folders = [...FOLDERS, 'routes', 'openapi'].map((name) => {
    const files = allowed
      .filter((each) => each.startsWith(`${name}/`))
      .map((each) => each.slice(name.length + 1));
    const except = files.length > 0 ? `(?!(${files.join('|')})\\.js$)` : '';
    return { name, regex: `(^|/)${name}/${except}` };
  });
  const files = ['app', 'server', 'cli'].map((name) => ({ name, regex: `^(\\.\\./)+(src/)?${name}\\.js$` }));
  return [...folders, ...files]
    .filter(({ name }) => !allowed.includes(name))
    .map(({ name, regex }) => ({
      regex,
      message: 'This import points the wrong way: see src/README.md.',
      allowTypeImports: allowed.includes(`type:${name}`),
    }));
}

/** Fastify belongs to the edge, and none of the core may know it. */
const NO_FASTIFY = {
  group: ['fastify', '@fastify/*', 'fastify-plugin'],
  message: 'Fastify appears only in app.ts, plugins/ and routes/.',
};

function arrows(folder, allowed) {
  const edge = ['src/plugins', 'routes', 'openapi'].includes(folder);
  const patterns = [...restrict([folder.replace('src/', ''), ...allowed]), ...(edge ? [] : [NO_FASTIFY])];
  return { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] };
}

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: './tsconfig.check.json',
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
    },
  },
  {
    files: ['web-demo/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: './web-demo/tsconfig.json' } },
    rules: {
      // A component is markup more than steps.
      'max-lines-per-function': ['error', { max: 90, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '(^|/)(src/(?!client/)|routes/|openapi/)',
              message: 'The page knows the gateway over HTTP and the browser client only.',
            },
          ],
        },
      ],
    },
  },
  ...Object.entries(ARROWS).map(([folder, allowed]) => ({
    files: [`${folder}/**/*.ts`],
    rules: arrows(folder, allowed),
  })),
  ...Object.entries(EXCEPTIONS).map(([file, allowed]) => ({
    files: [file],
    rules: arrows(file.replace(/\/[^/]+$/, ''), allowed),
  })),
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // What `expect.any` and its kin give is an `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  {
    files: ['*.js', '*.config.ts', 'test/bench/**/*.js', 'test/**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
