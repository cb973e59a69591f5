import { eachRpcMessage } from './call-answer.js';

describe('the messages of a text', () => {
  const read = (text: string) => {
    const texts: string[] = [];
    eachRpcMessage(text, (message, own) => {
      expect(JSON.parse(own)).toEqual(message);
      texts.push(own);
    });
    return texts;
  };

  it('[AC5] are the one that it is, or those of a batch, each as it was written', () => {
    expect(read('{"id":12345678901234567890}')).toEqual(['{"id":12345678901234567890}']);
    expect(read('[ {"id":1.0 } , {"id": "]"} ]')).toEqual(['{"id":1.0 }', '{"id": "]"}']);
    expect(read('\uFEFF{"id":1}')).toEqual(['{"id":1}']);
    expect(read('\uFEFF[{"id":1}]')).toEqual(['{"id":1}']);
  });

  it('[AC5] are none in what is no message', () => {
    for (const text of ['', 'null', '1', '"x"', '{', '[]', '[null,1,["x"]]', 'LOG {"id":1}']) expect(read(text)).toEqual([]);
  });

  it('[AC3] are a hundred at the most', () => {
    const batch = (count: number) => `[${Array(count).fill('{"id":1}').join()}]`;
    expect([read(batch(100)).length, read(batch(101)).length]).toEqual([100, 0]);
  });
});
