import tseslint from 'typescript-eslint';
import { arrowsRule } from './lint/arrows-rule.js';

export default tseslint.config(
  { ignores: ['.ci/venv/', 'dist/', 'node_modules/', 'coverage/', 'examples/'] },
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
    },
  },
  {
    files: ['src/**/*.ts', 'routes/**/*.ts', 'openapi/**/*.ts', 'web-demo/src/**/*.{ts,tsx}'],
    plugins: { project: { rules: { arrows: arrowsRule } } },
    rules: { 'project/arrows': 'error' },
  },
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
    files: [
      '*.js',
      'lint/*.js',
      'web-demo/public/*.js',
      '*.config.ts',
      'test/bench/**/*.js',
      'test/**/*.mjs',
    ],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
