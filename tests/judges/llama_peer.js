// llama.cpp (npm's node-llama-cpp) as a program that is told what to do line by line, JSON in and JSON out: a judge of
// generated tokens and a peer in the benchmark. Processors alone, token ids as they are.
//   {"do":"version"}                                    -> {"version":"3.21.1","llama_cpp":"b1234"}
//   {"do":"load","file":"x.gguf","threads":n,"context":tokens}
//                                                       -> {"seconds":s} of reading the model and making a context
//   {"do":"read","tokens":[..]}                         -> {"seconds":s}: forgets what it knows and reads these, at most
//                                                          512 at a time as its programs do
//   {"do":"generate","tokens":[..],"count":n}           -> {"tokens":[..],"seconds":[..]}: forgets, reads these, and goes
//                                                          on with the likeliest token n times; what each but the
//                                                          first took
//   {"do":"likeliest","tokens":[..],"after":k,"count":n} -> {"log_probabilities":[[[token,x],..]..]}: after each token
//                                                          from number k on, its n likeliest ones
// usage: node llama_peer.js <folder with node_modules>
'use strict';
const path = require('path');

async function main() {
  const folder = path.resolve(process.argv[2], 'node_modules', 'node-llama-cpp');
  const library = await import(path.join(folder, 'dist', 'index.js'));
  // A library that is there is taken, nothing is fetched or compiled.
  const llama = await library.getLlama({gpu: false, build: 'never', skipDownload: true, progressLogs: false,
    logLevel: library.LlamaLogLevel.error, maxThreads: 0});
  let model, context, sequence;
  const seconds = since => Number(process.hrtime.bigint() - since) * 1e-9;
  const forget = () => sequence.clearHistory();
  const act = {
    async version() {
      return {version: require(path.join(folder, 'package.json')).version, llama_cpp: llama.llamaCppRelease.release};
    },
    async load(m) {
      if (model) await model.dispose();
      const start = process.hrtime.bigint();
      model = await llama.loadModel({modelPath: m.file});
      context = await model.createContext({contextSize: m.context, batchSize: Math.min(512, m.context), threads: m.threads});
      sequence = context.getSequence();
      return {seconds: seconds(start)};
    },
    async read(m) {
      await forget();
      const start = process.hrtime.bigint();
      await sequence.evaluateWithoutGeneratingNewTokens(m.tokens);
      return {seconds: seconds(start)};
    },
    async generate(m) {
      await forget();
      const tokens = [], times = [];
      let start;
      for await (const token of sequence.evaluate(m.tokens, {temperature: 0, yieldEogToken: true})) {
        if (tokens.length > 0) times.push(seconds(start));
        tokens.push(token);
        if (tokens.length === m.count) break;
        start = process.hrtime.bigint();
      }
      return {tokens, seconds: times};
    },
    async likeliest(m) {
      await forget();
      const wanted = {generateNext: {probabilities: true, options: {temperature: 1, topK: 0, topP: 1, minP: 0}}};
      const found = await sequence.controlledEvaluate(m.tokens.map((token, i) => i < m.after ? token : [token, wanted]));
      return {log_probabilities: found.slice(m.after).map(
        result => [...result.next.probabilities].slice(0, m.count).map(([token, p]) => [token, Math.log(p)]))};
    },
  };
  for await (const line of require('readline').createInterface({input: process.stdin})) {
    let reply;
    try {
      const message = JSON.parse(line);
      reply = await act[message.do](message);
    } catch (e) {
      reply = {error: String(e.message || e)};
    }
    process.stdout.write(JSON.stringify(reply) + '\n');
  }
  await llama.dispose();
}
main();
