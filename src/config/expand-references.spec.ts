import { expandReferences } from './expand-references.js';

describe('expandReferences', () => {
  it('[ENV] expands ${NAME} by the environment first, then by the file, wherever it stands there', () => {
    const file = { REDIS_URL: 'redis://:${REDIS_PASSWORD}@${HOST_NAME}:6379', REDIS_PASSWORD: 'from-file', HOST_NAME: 'redis' };
    expect(expandReferences(file, { REDIS_PASSWORD: 'from-env' })).toEqual({
      REDIS_URL: 'redis://:from-env@redis:6379',
      REDIS_PASSWORD: 'from-file',
      HOST_NAME: 'redis',
    });
  });

  it('[ENV] expands what is not given to nothing, and ends in a circle', () => {
    expect(expandReferences({ A: 'x${NONE}y', B: '${C}', C: '${B}' }, {})).toEqual({ A: 'xy', B: '', C: '' });
  });

  it('[ENV] leaves every other $ alone', () => {
    expect(expandReferences({ API_KEYS: 'pa$word-long,$1,$$,$&' }, { word: 'no' })).toEqual({ API_KEYS: 'pa$word-long,$1,$$,$&' });
    expect(expandReferences({ A: '${B}' }, { B: 'a$&b' })).toEqual({ A: 'a$&b' });
  });
});
