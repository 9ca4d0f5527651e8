// One pass of the scan's kernel over arrays from outside, for tests in Python that hold it to other programs
// (scan_judge.py):
//
//   scan_pass RULE DECAY BATCH TOKENS HEADS KEY_HEADS KEY_DIM VALUE_DIM SCALE < in > out
//
// RULE is add or delta, DECAY none, head, key or value. In come float32 arrays, one behind the other: q, k
// [batch, tokens, key_heads, key_dim], v [batch, tokens, heads, value_dim], log_decay [batch, tokens, heads,
// 1, key_dim or value_dim] unless DECAY is none, beta [batch, tokens, heads], the initial states [batch,
// heads, key_dim, value_dim], and the gradients of the outputs and of the final states. Out go outputs, final
// states, and the gradients of the inputs in their order.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "yore/mixers/common/scan.h"

namespace {

using namespace yore::mixers;
using Array = std::vector<float>;

template <class Value>
Value word(const std::map<std::string, Value>& words, const std::string& given) {
  const auto at = words.find(given);
  if (at == words.end()) throw std::invalid_argument("scan_pass: unknown word " + given);
  return at->second;
}

Array read(std::int64_t count) {
  Array x(static_cast<std::size_t>(count));
  if (std::fread(x.data(), sizeof(float), x.size(), stdin) != x.size())
    throw std::runtime_error("scan_pass: the input is too short");
  return x;
}

void write(const Array& x) {
  if (std::fwrite(x.data(), sizeof(float), x.size(), stdout) != x.size())
    throw std::runtime_error("scan_pass: the output cannot be written");
}

void pass(const std::vector<std::string>& arguments) {
  using scan::Decay;
  using scan::Rule;
  if (arguments.size() != 9) throw std::invalid_argument("scan_pass: expected 9 arguments");
  scan::Problem<float> p;
  scan::Setting& s = p.setting;
  s.rule = word<Rule>({{"add", Rule::Add}, {"delta", Rule::Delta}}, arguments[0]);
  s.decay = word<Decay>(
      {{"none", Decay::None}, {"head", Decay::Head}, {"key", Decay::Key}, {"value", Decay::Value}},
      arguments[1]);
  p.batch = std::stoll(arguments[2]);
  const std::int64_t tokens = std::stoll(arguments[3]), rows = p.batch * tokens;
  s.heads = std::stoi(arguments[4]);
  s.key_heads = std::stoi(arguments[5]);
  s.key_dim = std::stoi(arguments[6]);
  s.value_dim = std::stoi(arguments[7]);
  s.scale = std::stod(arguments[8]);
  const int decays = s.decay == Decay::None   ? 0
                     : s.decay == Decay::Head ? 1
                     : s.decay == Decay::Key  ? s.key_dim
                                              : s.value_dim;
  std::vector<std::int64_t> starts;
  for (std::int64_t b = 0; b <= p.batch; ++b) starts.push_back(b * tokens);
  p.starts = starts.data();

  const std::int64_t states = p.batch * s.heads * s.state_size();
  const Array q = read(rows * s.key_heads * s.key_dim), k = read(rows * s.key_heads * s.key_dim),
              v = read(rows * s.heads * s.value_dim), log_decay = read(rows * s.heads * decays),
              beta = read(rows * s.heads), initial = read(states),
              grad_out = read(rows * s.heads * s.value_dim), grad_final = read(states);
  const auto rows_of = [](auto* data, std::int64_t heads, std::int64_t dim) {
    return scan::Rows<std::remove_pointer_t<decltype(data)>>{data, heads * dim, dim};
  };
  p.q = rows_of(q.data(), s.key_heads, s.key_dim);
  p.k = rows_of(k.data(), s.key_heads, s.key_dim);
  p.v = rows_of(v.data(), s.heads, s.value_dim);
  if (decays > 0) p.log_decay = rows_of(log_decay.data(), s.heads, decays);
  p.beta = rows_of(beta.data(), s.heads, 1);
  p.initial = initial.data();

  Array out(v.size()), final(initial.size()),
      kept(static_cast<std::size_t>(scan::kept_size(s, p.batch, p.starts)));
  scan::forward<float>(p, rows_of(out.data(), s.heads, s.value_dim), final.data(), kept.data());
  Array to_q(q.size()), to_k(k.size()), to_v(v.size()), to_decay(log_decay.size()), to_beta(beta.size()),
      to_initial(initial.size());
  scan::Gradients<float> g{
      rows_of(to_q.data(), s.key_heads, s.key_dim), rows_of(to_k.data(), s.key_heads, s.key_dim),
      rows_of(to_v.data(), s.heads, s.value_dim),   {},
      rows_of(to_beta.data(), s.heads, 1),          to_initial.data()};
  if (decays > 0) g.log_decay = rows_of(to_decay.data(), s.heads, decays);
  const Array& result = out;
  scan::backward<float>(p, rows_of(result.data(), s.heads, s.value_dim), kept.data(),
                        rows_of(grad_out.data(), s.heads, s.value_dim), grad_final.data(), g);
  for (const Array* x :
       {&result, &std::as_const(final), &std::as_const(to_q), &std::as_const(to_k), &std::as_const(to_v),
        &std::as_const(to_decay), &std::as_const(to_beta), &std::as_const(to_initial)})
    write(*x);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    pass({arguments + 1, arguments + count});
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return EXIT_FAILURE;
  }
}
