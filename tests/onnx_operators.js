// What ONNX Runtime's operators give, for tests: float32 arrays in, float32 arrays out.
// usage: node onnx_operators.js FOLDER < questions
//   FOLDER holds node_modules (scripts/onnxruntime FOLDER makes it). A line of standard input is a question, {"model":
//   path, "feeds": {name: {"shape": [..], "data": [..]}}}; its answer is a line {name of an output: [numbers]}. Numbers
//   are written so that they are read back to the bit. Ends with 1 and a message when the runtime refuses a model.
'use strict';
const fs = require('fs');
const path = require('path');

async function main() {
  const ort = require(path.resolve(process.argv[2], 'node_modules', 'onnxruntime-node'));
  for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(text => text !== '')) {
    const {model, feeds} = JSON.parse(line);
    const session = await ort.InferenceSession.create(model, {intraOpNumThreads: 1, interOpNumThreads: 1});
    const tensors = Object.entries(feeds).map(([name, {shape, data}]) =>
      [name, new ort.Tensor('float32', Float32Array.from(data), shape)]);
    const answer = await session.run(Object.fromEntries(tensors));
    const arrays = Object.entries(answer).map(([name, tensor]) => [name, Array.from(tensor.data)]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(arrays))}\n`);
  }
}
main().catch(e => {
  console.error(`${e.message || e}`);
  process.exitCode = 1;
});
