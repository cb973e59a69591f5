import { droppedId } from './dropped-id.js';

describe('[AC3] droppedId', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":"req_7","result":{"con', '"}]}}'],
    ['{"id":"req_7","jsonrpc":"2.0","result":{"con', '"}]}}'],
    [' { "jsonrpc" : "2.0" , "id" : "req_7" , "resu', '}'],
    ['{"result":{"content":[{"text":"', '"}]},"jsonrpc":"2.0","id":"req_7"}'],
    ['{"jsonrpc":"2.0","result":{"content":[{"text":"', '"}]},"id":"req_7"}\r'],
    ['{"result":{"content":[{"text":"', '"}]},"id":"req_7","jsonrpc":"2.0"}'],
  ])('reads the id at either end: %s ... %s', (head, tail) => {
    expect(droppedId({ head, tail })).toBe('req_7');
  });

  it('reads a number', () => {
    expect(droppedId({ head: '{"jsonrpc":"2.0","id":12,"result":{', tail: '}' })).toBe(12);
  });

  it.each([
    ['{"result":{"id":"req_7","text":"', '"},"other":1}'],
    ['{"result":{"text":"', '","id":"req_7"}}'],
    ['{"result":{"text":"', '\\",\\"id\\":\\"req_7\\"}"}'],
    ['{"id":"req_7', '"}'],
    ['{"id":{"id":"req_7",', '"}'],
    ['xxxx', 'xxxx'],
  ])('takes nothing inside the result for it: %s ... %s', (head, tail) => {
    expect(droppedId({ head, tail })).toBeUndefined();
  });
});
