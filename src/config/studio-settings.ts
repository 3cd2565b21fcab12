/** The settings of studios, a part of SETTINGS. */
import { oneOf, path, studioList, studioName } from './setting-values.js';

const READY = ['default', 'any', 'all'] as const;

export const STUDIO_SETTINGS = {
  studio: {
    description:
      'A studio: its name and where its RCSP server is. Repeatable. With `--simulate`, a name alone is a simulated one. Without it, `rcsp` is one studio called `studio`.',
    placeholder: 'name=host:port',
    default: null,
    isList: true,
    none: '`studio`, at `rcsp`',
    schema: studioList,
  },
  studiosFile: {
    description: 'Further studios, `{"studios": {"stage": "stage-pc:45451"}}`. Read anew when it changes.',
    placeholder: 'file',
    default: null,
    schema: path,
  },
  defaultStudio: {
    description: 'The studio that names and routes without a studio mean.',
    placeholder: 'name',
    default: null,
    none: 'the first one',
    schema: studioName.nullable(),
  },
  ready: {
    description: 'Which studios must be connected for `/ready` to answer 200: the default one, any, or all.',
    placeholder: READY.join('|'),
    default: 'default',
    schema: oneOf(READY),
  },
} as const;
