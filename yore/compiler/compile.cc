#include "yore/compiler/compile.h"

#include <fmt/format.h>

#include <stdexcept>

#include "yore/base/error.h"
#include "yore/compiler/machine.h"
#include "yore/compiler/manifest.h"

namespace yore::compiler {
namespace {

Compiled attempt(const Formula& formula, const std::string& language, const CompileOptions& options) {
  Compiled c{plan(formula, options), {}, {}};
  c.file = pack(c.plan, language);
  c.proof = prove(c.file, manifest_of(c.plan), options.length);
  return c;
}

bool works(const Formula& formula, const std::string& language, const CompileOptions& options) {
  try {
    return attempt(formula, language, options).proof.proven;
  } catch (const base::BudgetError&) {
    return false;  // too large a model with these options: no way out either
  } catch (const base::InputError&) {
    return false;  // too many blocks
  }
}

[[noreturn]] void refuse(const Compiled& c, const Formula& formula, const std::string& language) {
  const CompileOptions& asked = c.plan.options;
  // Weights for shorter words have other gains: the largest length is searched with the weights made for it.
  std::int64_t low = 0, high = asked.length;
  CompileOptions shorter = asked;
  shorter.length = 1;
  if (!works(formula, language, shorter)) high = 1;  // the usual case in large models, found without a search
  while (low + 1 < high) {
    shorter.length = low + (high - low) / 2;
    (works(formula, language, shorter) ? low : high) = shorter.length;
  }
  std::string others;
  for (const Encoding encoding : {Encoding::ZeroOne, Encoding::PlusMinus})
    for (const Once once : {Once::Sharp, Once::Uniform}) {
      CompileOptions other = asked;
      other.encoding = encoding;
      other.once = once;
      if ((encoding == asked.encoding && once == asked.once) || !others.empty()) continue;
      if (works(formula, language, other))
        others = fmt::format("--encoding {} --once {}", name(encoding), name(once));
    }
  throw base::InputError(
      "length",
      fmt::format(
          "{} is beyond what float32 margins allow with --encoding {} --once {}: {}; {}\n  ({})",
          asked.length, name(asked.encoding), name(asked.once),
          low == 0 ? std::string(kNoLength) : fmt::format("the largest that works is {}", low),
          others.empty() ? std::string("--mixer gla is exact at every length") : others + " reaches it",
          c.proof.failure));
}

}  // namespace

Compiled compile(const Formula& formula, const std::string& language, const CompileOptions& options) {
  Compiled c = attempt(formula, language, options);
  if (c.proof.out_of_cases)
    throw base::BudgetError("cases", static_cast<std::size_t>(ProveOptions{}.max_cases),
                            "proving the weights",
                            "another --encoding or --once may need fewer: " + c.proof.failure);
  if (!c.proof.proven && c.plan.recurrent())
    throw Unproven("a recurrence of the compiler's own is not proven: " + c.proof.failure);
  if (!c.proof.proven) refuse(c, formula, language);
  return c;
}

Compiled compile_automaton(const automata::Dfa& minimal, const std::string& language,
                           const CompileOptions& options) {
  Compiled c{plan_machine(minimal, options), {}, {}};
  c.file = pack(c.plan, language);
  c.proof = prove(c.file, manifest_of(c.plan), options.length);
  if (!c.proof.proven)
    throw std::logic_error("delta steps of the compiler's own are not proven: " + c.proof.failure);
  return c;
}

}  // namespace yore::compiler
