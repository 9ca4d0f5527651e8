// Compiled transformers: their weights, their answers, their traces, their pictures.
#include "bind.h"
#include "yore/compiler/compile_language.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/forward.h"
#include "yore/compiler/picture.h"
#include "yore/compiler/trace_text.h"

namespace yore::python {
namespace {

using languages::Language;

/// A model and what it is of.
struct CompiledModel {
  Language language;
  compiler::Compiled compiled;
  compiler::Manifest manifest;
  std::string note;

  logic::Word word(const std::vector<std::string>& names) const {
    logic::Word word;
    for (const std::string& name : names) {
      const auto symbol = language.dfa.alphabet.find(name);
      if (!symbol)
        throw base::InputError(
            "word", "\"" + name + "\" is no letter of the alphabet " + language.dfa.alphabet.text());
      word.push_back(*symbol);
    }
    return word;
  }
};

CompiledModel compile(const Language& language, const std::string& options) {
  const api::CompileQuestion question = api::compile_options(parse_options(options));
  std::string note;
  compiler::Compiled compiled = compiler::compile_language(
      language, question.compile, question.classify, nullptr, [&](const std::string& line) { note = line; });
  compiler::Manifest manifest = compiler::manifest_of(compiled.plan);
  return {language, std::move(compiled), std::move(manifest), std::move(note)};
}

}  // namespace

void bind_compiled(nb::module_& module) {
  using Names = std::vector<std::string>;
  nb::class_<CompiledModel>(module, "CompiledModel")
      .def_ro("note", &CompiledModel::note)
      .def("json", [](const CompiledModel& m) { return api::describe(m.language, m.compiled).dump(); })
      .def("model_json", [](const CompiledModel& m) { return arch::model_json(m.compiled.file); })
      .def("explain", [](const CompiledModel& m) { return compiler::explain(m.compiled.plan); })
      .def("proof", [](const CompiledModel& m) { return compiler::to_text(m.compiled.proof); })
      .def("dot",
           [](const CompiledModel& m) {
             return compiler::dot_of(m.manifest, m.compiled.file, {.legend = false});
           })
      .def("logits",
           [](const CompiledModel& m, const std::vector<Names>& words) {
             return unlocked([&] {
               std::vector<float> logits;
               for (const Names& names : words) {
                 if (base::interrupted()) throw base::Interrupted("yore");
                 logits.push_back(compiler::forward(m.compiled.file, m.word(names)).logit);
               }
               return logits;
             });
           })
      .def("trace",
           [](const CompiledModel& m, const Names& names) {
             const logic::Word word = m.word(names);
             const compiler::Trace trace = compiler::trace(m.compiled.file, m.manifest, word);
             base::Json json = api::describe(trace, m.manifest, m.language.dfa.alphabet.format_word(word));
             return std::pair(json.dump(), compiler::to_text(trace, m.manifest, word));
           })
      .def("weights",
           [](const CompiledModel& m) {
             std::map<std::string, std::pair<std::vector<std::int64_t>, nb::bytes>> arrays;
             for (const auto& [name, array] : m.compiled.file.weights.arrays)
               arrays.emplace(name,
                              std::pair(array.shape, nb::bytes(array.bytes.data(), array.bytes.size())));
             return arrays;
           })
      .def("write", [](const CompiledModel& m, const std::string& folder) {
        arch::write_model(m.compiled.file, folder);
      });
  module.def("compile", [](const Language& language, const std::string& options) {
    return unlocked([&] { return compile(language, options); });
  });
}

}  // namespace yore::python
