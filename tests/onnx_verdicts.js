// What ONNX Runtime answers, for tests: words in, logits out.
// usage: node onnx_verdicts.js FOLDER MODEL.onnx.. < words
//   FOLDER holds node_modules (scripts/onnxruntime FOLDER makes it). A line of standard input is a word: its letters as
//   numbers, then EOS. Words up to an empty line are one batch, padded with EOS. Every model answers all words, in their
//   order, one logit a line; a model with logits [batch, length, outputs] all outputs at all tokens of each word, EOS too.
//   Ends with 1 and a message when the runtime refuses a model or a batch.
'use strict';
const fs = require('fs');
const path = require('path');

async function main() {
  const [folder, ...models] = process.argv.slice(2);
  // Opset 27 is newer than what ONNX Runtime 1.30 vouches for; it has the operators all the same.
  process.env.ALLOW_RELEASED_ONNX_OPSET_ONLY = '0';
  const ort = require(path.resolve(folder, 'node_modules', 'onnxruntime-node'));
  const batches = fs.readFileSync(0, 'utf8').split('\n\n')
    .map(block => block.split('\n').filter(line => line !== '').map(line => line.split(' ').map(Number)))
    .filter(batch => batch.length > 0);
  for (const model of models) {
    const session = await ort.InferenceSession.create(model, {intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3});
    for (const words of batches) {
      const length = Math.max(...words.map(word => word.length));
      const tokens = new BigInt64Array(words.length * length);
      words.forEach((word, row) => {
        for (let i = 0; i < length; ++i) tokens[row * length + i] = BigInt(word[Math.min(i, word.length - 1)]);
      });
      const {logits} = await session.run({tokens: new ort.Tensor('int64', tokens, [words.length, length])});
      const [batch, tokensOut, outputs] = logits.dims;
      if (batch !== words.length || (logits.dims.length !== 1 && (logits.dims.length !== 3 || tokensOut !== length)))
        throw new Error(`${model}: logits of shape [${logits.dims}] for ${words.length} words of ${length} tokens`);
      const own = logits.dims.length === 1 ? logits.data : words.flatMap((word, row) =>
        Array.from(logits.data.subarray(row * length * outputs, (row * length + word.length) * outputs)));
      process.stdout.write(Array.from(own, x => `${x}\n`).join(''));
    }
  }
}
main().catch(e => {
  console.error(`${e.message || e}`);
  process.exitCode = 1;
});
