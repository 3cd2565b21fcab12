/** Commands about JSON data that is kept inside a recording. */
import { z } from 'zod';
import { defineCommand } from '../define.js';
import { noArguments } from './fields.js';
import { read, write } from './policies.js';

const tag = z.int().min(1).describe('Number that the data is kept under; greater than 0.');
const userData = z.record(z.string(), z.unknown()).describe('Any JSON object; its form is up to you.');

const takeNotes = { Scene: '12B', Take: 3, Actor: 'Performer 1', Notes: ['T-pose at start'] };

/** `rcsp_user_json_data_arg`. */
export const saveUserData = defineCommand({
  name: 'SaveUserData',
  specOrder: 38,
  version: 1,
  target: 'server',
  tag: 'Recording',
  summary: 'Save JSON data in the recording',
  description:
    'Puts a JSON object into the recording that is being made, under a number of your choice. Fails unless ' +
    'a recording has been started.',
  arguments: z.looseObject({ Tag: tag, UserData: userData }),
  response: null,
  example: { arguments: { Tag: 1, UserData: takeNotes }, response: null },
  policy: write(),
  routes: [{ method: 'PUT', path: '/v1/recording/tags/{Tag}' }],
});

/** `rcsp_load_user_json_data_arg` and `rcsp_load_user_json_data_arg_response`. */
export const loadJsonData = defineCommand({
  name: 'LoadJsonData',
  specOrder: 39,
  version: 1,
  target: 'server',
  tag: 'Recording',
  summary: 'Load JSON data from the recording',
  description:
    'Reads back what SaveUserData put under this number. Fails unless a recording is loaded, that is, in ' +
    'playback.',
  arguments: z.looseObject({ Tag: tag }),
  response: z.looseObject({
    Tag: z.int().describe('Number that the data is kept under.'),
    UserData: userData,
  }),
  example: { arguments: { Tag: 1 }, response: { Tag: 1, UserData: takeNotes } },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/recording/tags/{Tag}' }],
});

/** `rcsp_list_user_data_tags_response`. */
export const listJsonDataTags = defineCommand({
  name: 'ListJsonDataTags',
  specOrder: 40,
  version: 1,
  target: 'server',
  tag: 'Recording',
  summary: 'List the tags of saved JSON data',
  description: 'The numbers that JSON data is kept under; LoadJsonData reads what is behind one.',
  arguments: noArguments,
  response: z.looseObject({ Tags: z.array(z.int()).describe('Numbers that data is kept under.') }),
  example: { arguments: {}, response: { Tags: [1, 2] } },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/recording/tags' }],
});
