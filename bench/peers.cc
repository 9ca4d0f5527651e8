#include "bench/peers.h"

#include <ATen/Functions.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <unistd.h>

#include <cstring>
#include <type_traits>

#include "yore/base/error.h"
#include "yore/base/process.h"
#include "yore/mixers/attention/attention.h"

namespace yore::bench {
namespace {

/// What `start` starts, where there is node and npm's package.
template <class Start>
auto find_package(const std::filesystem::path& modules, const std::string& package, std::string& why_not,
                  const Start& start) {
  std::unique_ptr<std::remove_pointer_t<decltype(start())>> found;
  if (!base::find_program("node")) {
    why_not = "not installed (no node)";
  } else if (!std::filesystem::exists(modules / "node_modules" / package)) {
    why_not = fmt::format("not installed (no {})", package);
  } else {
    try {
      found.reset(start());
    } catch (const base::InputError& e) {
      why_not = fmt::format("does not run here: {}", e.what());
    }
  }
  return found;
}

}  // namespace

TorchAttention::TorchAttention(Problem& p) : params_(p.params) {
  const Shape& s = p.shape;
  const auto wrap = [&](std::vector<float>& x) {
    return at::from_blob(x.data(), {s.batch, s.time, s.heads, s.dim}, at::kFloat);
  };
  inputs_[0] = wrap(p.q);
  inputs_[1] = wrap(p.k);
  inputs_[2] = wrap(p.v);
  if (!p.grad.empty()) grad_ = wrap(p.grad);
}

at::Tensor TorchAttention::attend(bool composition) const {
  const auto f = composition ? mixers::attention_composition : mixers::attention;
  return f(inputs_[0], inputs_[1], inputs_[2], params_, {});
}

void TorchAttention::forward(bool composition) {
  out_ = at::Tensor();  // so that its memory is free again for this call
  for (at::Tensor& x : inputs_) x.set_requires_grad(false);
  out_ = attend(composition).contiguous();
}

void TorchAttention::step(bool composition) {
  for (at::Tensor& x : gradients_) x = at::Tensor();
  for (at::Tensor& x : inputs_) x.set_requires_grad(true);
  const at::Tensor out = attend(composition);
  const auto gradients = torch::autograd::grad({out}, {inputs_[0], inputs_[1], inputs_[2]}, {grad_});
  for (std::size_t i = 0; i < 3; ++i) gradients_[i] = gradients[i].contiguous();
}

std::unique_ptr<OnnxRuntime> OnnxRuntime::find(const std::filesystem::path& modules, std::string& why_not) {
  return find_package(modules, "onnxruntime-node", why_not, [&] { return new OnnxRuntime(modules); });
}

OnnxRuntime::OnnxRuntime(const std::filesystem::path& modules)
    : process_({"node", YORE_BENCH_SOURCE "/onnx_peer.js", modules.string()}) {
  version_ = process_.ask({{"do", "version"}})["version"].get<std::string>();
}

void OnnxRuntime::load(const Problem& p) {
  const Shape& s = p.shape;
  if (s.batch != 1 || s.strict) throw std::invalid_argument("OnnxRuntime: one sequence, not strict");
  const auto file = std::filesystem::temp_directory_path() / fmt::format("yore-bench-{}", getpid());
  std::string bytes;
  for (const auto* x : {&p.q, &p.k, &p.v})
    bytes.append(reinterpret_cast<const char*>(x->data()), sizeof(float) * x->size());
  base::write_file(file, bytes);
  process_.ask({{"do", "load"},
                {"time", s.time},
                {"heads", s.heads},
                {"dim", s.dim},
                {"window", s.lookback < 0 ? 0 : s.lookback + 1},
                {"data", file.string()}});
  std::filesystem::remove(file);
}

double OnnxRuntime::run() {
  return process_.ask({{"do", "run"}})["cpu"].get<double>();
}

void OnnxRuntime::load(const ScanProblem& p, int tokens) {
  const auto file = std::filesystem::temp_directory_path() / fmt::format("yore-bench-{}", getpid());
  const int time = tokens > 0 ? tokens : p.time();
  std::string bytes;
  const auto put = [&](const std::vector<float>& x) {
    const std::size_t count = x.size() / static_cast<std::size_t>(p.time()) * static_cast<std::size_t>(time);
    bytes.append(reinterpret_cast<const char*>(x.data()), sizeof(float) * count);
  };
  for (const auto* x : {&p.q, &p.k, &p.v, &p.log_decay, &p.beta}) put(*x);
  bytes.append(sizeof(float) * static_cast<std::size_t>(p.setting.heads * p.setting.state_size()), '\0');
  base::write_file(file, bytes);
  process_.ask({{"do", "load_scan"},
                {"time", time},
                {"heads", p.heads()},
                {"dim", p.dim()},
                {"rule", p.rule.onnx_rule},
                {"scale", p.setting.scale},
                {"decays", p.setting.decays()},
                {"beta", !p.beta.empty()},
                {"data", file.string()}});
  std::filesystem::remove(file);
}

std::vector<float> OnnxRuntime::answer(std::size_t numbers) {
  const auto file = std::filesystem::temp_directory_path() / fmt::format("yore-bench-{}", getpid());
  process_.ask({{"do", "answer"}, {"file", file.string()}});
  const std::string bytes = base::read_file(file);
  std::filesystem::remove(file);
  std::vector<float> out(numbers);
  if (bytes.size() != sizeof(float) * out.size()) throw base::InputError("node", "an answer of another size");
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

std::size_t OnnxRuntime::peak() {
  return process_.ask({{"do", "memory"}})["peak"].get<std::size_t>();
}

std::unique_ptr<LlamaCpp> LlamaCpp::find(const std::filesystem::path& modules, std::string& why_not) {
  return find_package(modules, "node-llama-cpp", why_not, [&] { return new LlamaCpp(modules); });
}

LlamaCpp::LlamaCpp(const std::filesystem::path& modules)
    : process_({"node", YORE_BENCH_LLAMA_PEER, modules.string()}) {
  const base::Json answer = process_.ask({{"do", "version"}});
  version_ = fmt::format("node-llama-cpp {} (llama.cpp {})", answer["version"].get<std::string>(),
                         answer["llama_cpp"].get<std::string>());
}

void LlamaCpp::load(const std::filesystem::path& file, int threads, std::int64_t context) {
  process_.ask({{"do", "load"}, {"file", file.string()}, {"threads", threads}, {"context", context}});
}

double LlamaCpp::read(const std::vector<std::int64_t>& tokens) {
  return process_.ask({{"do", "read"}, {"tokens", tokens}})["seconds"].get<double>();
}

std::vector<std::int64_t> LlamaCpp::generate(const std::vector<std::int64_t>& tokens, int count,
                                             std::vector<double>* seconds) {
  const base::Json answer = process_.ask({{"do", "generate"}, {"tokens", tokens}, {"count", count}});
  if (seconds != nullptr) *seconds = answer["seconds"].get<std::vector<double>>();
  return answer["tokens"].get<std::vector<std::int64_t>>();
}

}  // namespace yore::bench
