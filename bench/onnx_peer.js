// ONNX Runtime as a peer: one process, one thread, told what to do line by line (JSON in, JSON out).
//   {"do":"version"}                     -> {"version":"1.2.3"}
//   {"do":"load","time":T,"heads":H,"dim":D,"window":W,"data":"file of q,k,v [T,H,D] float32"}  W = 0: full causal
//   {"do":"load_scan","time":T,"heads":H,"dim":D,"rule":"gated",..,"scale":s,"decays":1 or D or 0,"beta":true or false,
//    "data":"file of q, k, v, decays, beta [T,H,..] and states [H,D,D], float32"}  -> {}: LinearAttention instead
//   {"do":"run"}                         -> {"cpu":s,"wall":s} of one session.run
//   {"do":"answer","file":"path"}        -> the output of the last run, [T,H,D] float32
//   {"do":"memory"}                      -> {"peak":bytes} of this process
// usage: node onnx_peer.js <folder with node_modules>
'use strict';
const fs = require('fs');
const path = require('path');

// Protocol buffers, as much of them as an ONNX model needs: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const varint = n => {
  const bytes = [];
  for (let x = BigInt.asUintN(64, BigInt(n));; x >>= 7n) {
    if (x < 128n) return Buffer.from([...bytes, Number(x)]);
    bytes.push(Number(x & 127n) | 128);
  }
};
const integer = (field, n) => Buffer.concat([varint(field << 3), varint(n)]);
const bytes = (field, b) => Buffer.concat([varint(field << 3 | 2), varint(b.length), b]);
const text = (field, s) => bytes(field, Buffer.from(s));
const real = (field, x) => {
  const b = Buffer.alloc(4);
  b.writeFloatLE(x);
  return Buffer.concat([varint(field << 3 | 5), b]);
};
const join = (...parts) => Buffer.concat(parts.flat());

const kFloat = 1, kInt32 = 6;  // TensorProto.DataType
const value = (name, type, shape) => join(text(1, name),
  bytes(2, bytes(1, join(integer(1, type), bytes(2, join(shape.map(d => bytes(1, integer(1, d)))))))));
const intAttribute = (name, n) => bytes(5, join(text(1, name), integer(3, n), integer(20, 2)));
const floatAttribute = (name, x) => bytes(5, join(text(1, name), real(2, x), integer(20, 1)));
const textAttribute = (name, s) => bytes(5, join(text(1, name), text(4, s), integer(20, 3)));
const opset = (domain, version) => bytes(8, join(text(1, domain), integer(2, version)));
const modelOf = graph => join(integer(1, 8), bytes(7, graph), opset('', 17), opset('com.microsoft', 1));

/** The bytes of a model that is one GroupQueryAttention (domain com.microsoft). */
function model({time, heads, dim, window}) {
  const width = heads * dim;
  const inputs = ['q', 'k', 'v', '', '', 'seqlens_k', 'total_sequence_length'];
  const node = join(inputs.map(s => text(1, s)), ['o', 'present_k', 'present_v'].map(s => text(2, s)),
    text(4, 'GroupQueryAttention'), text(7, 'com.microsoft'),
    intAttribute('num_heads', heads), intAttribute('kv_num_heads', heads),
    // Here a window counts the position itself: W keys, lookback W - 1.
    intAttribute('local_window_size', window > 0 ? window : -1),
    floatAttribute('scale', 1 / Math.sqrt(dim)));
  const row = [1, time, width], present = [1, heads, time, dim];
  const graph = join(bytes(1, node), text(2, 'g'),
    ['q', 'k', 'v'].map(s => bytes(11, value(s, kFloat, row))),
    bytes(11, value('seqlens_k', kInt32, [1])), bytes(11, value('total_sequence_length', kInt32, [1])),
    bytes(12, value('o', kFloat, row)),
    bytes(12, value('present_k', kFloat, present)), bytes(12, value('present_v', kFloat, present)));
  return modelOf(graph);
}

/** The bytes of a model that is one LinearAttention (domain com.microsoft). */
function scanModel({time, heads, dim, rule, scale, decays, beta}) {
  const inputs = ['q', 'k', 'v', 'past', decays > 0 ? 'decay' : '', beta ? 'beta' : ''];
  const node = join(inputs.map(s => text(1, s)), ['o', 'present'].map(s => text(2, s)), text(4, 'LinearAttention'),
    text(7, 'com.microsoft'), textAttribute('update_rule', rule), intAttribute('q_num_heads', heads),
    intAttribute('kv_num_heads', heads), floatAttribute('scale', scale));
  const row = [1, time, heads * dim], state = [1, heads, dim, dim];
  const graph = join(bytes(1, node), text(2, 'g'), ['q', 'k', 'v'].map(s => bytes(11, value(s, kFloat, row))),
    bytes(11, value('past', kFloat, state)), decays > 0 ? [bytes(11, value('decay', kFloat, [1, time, heads * decays]))] : [],
    beta ? [bytes(11, value('beta', kFloat, [1, time, heads]))] : [],
    bytes(12, value('o', kFloat, row)), bytes(12, value('present', kFloat, state)));
  return modelOf(graph);
}

async function main() {
  const folder = path.resolve(process.argv[2], 'node_modules', 'onnxruntime-node'), ort = require(folder);
  let session, feeds, last;
  const act = {
    async version() {
      return {version: require(path.resolve(folder, 'package.json')).version};
    },
    async load(m) {
      last = undefined;
      session = await ort.InferenceSession.create(model(m), {intraOpNumThreads: 1, interOpNumThreads: 1,
        executionMode: 'sequential', graphOptimizationLevel: 'all'});
      const all = fs.readFileSync(m.data), count = m.time * m.heads * m.dim;
      feeds = {};
      ['q', 'k', 'v'].forEach((name, i) => {
        const numbers = new Float32Array(all.buffer, all.byteOffset + 4 * i * count, count);
        feeds[name] = new ort.Tensor('float32', numbers, [1, m.time, m.heads * m.dim]);
      });
      feeds.seqlens_k = new ort.Tensor('int32', Int32Array.of(m.time - 1), [1]);
      feeds.total_sequence_length = new ort.Tensor('int32', Int32Array.of(m.time), [1]);
      return {};
    },
    async load_scan(m) {
      last = undefined;
      session = await ort.InferenceSession.create(scanModel(m), {intraOpNumThreads: 1, interOpNumThreads: 1,
        executionMode: 'sequential', graphOptimizationLevel: 'all'});
      const all = fs.readFileSync(m.data);
      let from = 0;
      feeds = {};
      const take = (name, shape) => {
        const count = shape.reduce((a, b) => a * b, 1);
        if (count > 0) feeds[name] = new ort.Tensor('float32', new Float32Array(all.buffer, all.byteOffset + 4 * from, count), shape);
        from += count;
      };
      for (const name of ['q', 'k', 'v']) take(name, [1, m.time, m.heads * m.dim]);
      take('decay', [1, m.time, m.heads * m.decays]);
      take('beta', [1, m.time, m.beta ? m.heads : 0]);
      take('past', [1, m.heads, m.dim, m.dim]);
      return {};
    },
    async run() {
      const cpu = process.cpuUsage(), start = process.hrtime.bigint();
      last = await session.run(feeds, ['o']);
      const wall = Number(process.hrtime.bigint() - start) * 1e-9, used = process.cpuUsage(cpu);
      return {cpu: (used.user + used.system) * 1e-6, wall};
    },
    async answer(m) {
      const o = last.o.data;
      fs.writeFileSync(m.file, Buffer.from(o.buffer, o.byteOffset, o.byteLength));
      return {};
    },
    async memory() {
      // Not resourceUsage().maxRSS: that of a spawned process starts at its parent's.
      const line = fs.readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s*(\d+) kB/);
      return {peak: Number(line[1]) * 1024};
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
}
main();
