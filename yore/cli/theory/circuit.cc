// yore circuit: arithmetic circuits, and the transformers that evaluate them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "yore/base/bounded_file.h"
#include "yore/base/error.h"
#include "yore/base/fields.h"
#include "yore/base/process.h"
#include "yore/base/text.h"
#include "yore/circuits/construct.h"
#include "yore/circuits/evaluate.h"
#include "yore/circuits/picture.h"
#include "yore/circuits/precision.h"
#include "yore/circuits/run.h"
#include "yore/circuits/unroll.h"
#include "yore/circuits/verify.h"
#include "yore/cli/action_options.h"
#include "yore/cli/command.h"
#include "yore/cli/option_values.h"
#include "yore/cli/output.h"
#include "yore/cli/theory/circuit_page.h"
#include "yore/foreign/hugging_face.h"

namespace yore::cli {
namespace {

using base::InputError;
using base::Json;
using circuits::Circuit;
using circuits::Rational;

constexpr const char* kWhat = "the model in it";
constexpr std::size_t kLongestShown = 60;
constexpr std::size_t kLongestCircuit = std::size_t{1} << 28;

std::string shown(const std::string& number) {
  return number.size() <= kLongestShown
             ? number
             : fmt::format("{}.. ({} characters)", number.substr(0, kLongestShown / 2), number.size());
}

class CircuitCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    const std::string compile = "compile", run = "run", verify = "verify", from = "from", show = "show",
                      precision = "precision";
    const auto only = [&](CLI::Option* option, std::vector<std::string> actions) {
      return of_actions_.add(option, std::move(actions));
    };
    app.add_option(
           "ACTION", action_,
           "compile: the transformer for all circuits of a depth; run: a circuit through it; verify: hold "
           "it against exact evaluation; from: write a small transformer as a circuit; show: a circuit as "
           "picture, text or JSON; precision: what double and float lose")
        ->required()
        ->check(CLI::IsMember({compile, run, verify, from, show, precision}));
    app.add_option("PATH", paths_, "run: MODEL CIRCUIT; verify, from, precision: MODEL; show: CIRCUIT");
    only(app.add_option("--depth", depth_, "Deepest circuit that the model evaluates"), {compile});
    only(app.add_option("-o,--out", out_, "The folder to write the model to; of from and show a file")
             ->check(a_path()),
         {compile, from, show});
    only(app.add_flag("--force", force_, "Replace what stands there"), {compile, from, show});
    only(app.add_flag("--explain", explain_, "Print what every block, head and coordinate computes"),
         {compile});
    only(app.add_option("--inputs", inputs_, "A value for each input gate, in their order: 3, -0.5, 2/3"),
         {run, show});
    only(app.add_option("--numbers", numbers_, "Arithmetic: exact rationals, fp64 or fp32")
             ->check(one_of({"exact", "fp64", "fp32"})),
         {run});
    only(app.add_flag("--trace", trace_, "Print what every level computes"), {run});
    only(app.add_option("--random", verify_.random, "Random circuits")->check(CLI::NonNegativeNumber),
         {verify});
    only(app.add_option("--gates", verify_.gates, "Gates of a random circuit, at most")
             ->check(CLI::Range(2, 100'000)),
         {verify});
    only(app.add_option("--exhaustive", verify_.exhaustive,
                        "Every circuit of up to so many gates, over all small inputs")
             ->check(CLI::Range(0, 6)),
         {verify});
    only(app.add_option("--depths", precision_.depths, "Depths to measure, at most the model's"),
         {precision});
    only(app.add_option("--widths", precision_.widths, "Gates a level, and terms of a sum")
             ->check(CLI::Range(1, 10'000)),
         {precision});
    only(app.add_option("--circuits", precision_.circuits, "Circuits of each depth and width")
             ->check(CLI::PositiveNumber),
         {precision});
    only(app.add_option("--max-tokens", precision_.max_tokens,
                        "Budget: gates and inputs of gates of all circuits together, about")
             ->check(CLI::PositiveNumber),
         {precision});
    only(app.add_option("--seed", verify_.seed, "Of random circuits and inputs"), {verify, from, precision});
    only(app.add_option("--tokens", unroll_.tokens, "Rows that the model reads")->check(CLI::PositiveNumber),
         {from});
    only(app.add_option("--check", check_, "Random inputs on which both are compared")
             ->check(CLI::NonNegativeNumber),
         {from});
    only(app.add_option("--max-gates", unroll_.max_gates,
                        "Budget: gates of the circuit, and for each 64 terms of sums on the way to it")
             ->check(CLI::PositiveNumber),
         {from});
    to_option_ =
        only(app.add_option("--to", to_,
                            "text (default) or json; of show also dot (for graphviz) or html (a page): its "
                            "default, but text where a terminal would show it")
                 ->check(one_of({"text", "json", "dot", "html"})),
             {from, show});
    only(app.add_flag("--json", json_, "Print one JSON object; of precision a list"),
         {compile, run, verify, precision});
  }

  int run() override {
    of_actions_.check(action_);
    const std::size_t expected = action_ == "compile" ? 0 : action_ == "run" ? 2 : 1;
    if (paths_.size() != expected)
      throw InputError("PATH", fmt::format("{} takes {}, found {}", action_,
                                           expected == 0       ? "no path; -o names the folder"
                                           : expected == 2     ? "a model's folder and a circuit's file"
                                           : action_ == "show" ? "a circuit's file"
                                                               : "a model's folder",
                                           paths_.size()));
    if (action_ == "compile") return compile();
    if (action_ == "show") return show();
    const arch::ModelFile file = arch::read_model(paths_[0]);
    if (action_ == "run") return ask(file);
    if (action_ == "verify") return verify(file);
    return action_ == "from" ? from(file) : precision(file);
  }

 private:
  int compile() const {
    if (explain_ && json_) throw InputError("--explain", "does not go with --json");
    if (!depth_)
      throw InputError("--depth", "missing; expected the depth of the deepest circuit to evaluate");
    if (!out_.empty()) check_folder(out_, force_, kWhat);
    if (out_.empty() && force_)
      throw InputError("--force", "replaces the model that --out names, and none is named");
    const arch::ModelFile file = circuits::construct(*depth_);
    if (!out_.empty())
      write_folder(out_, force_, kWhat, [&](const std::filesystem::path& folder) {
        arch::write_model(file, folder);
        foreign::write_companions({}, folder);
      });
    const std::int64_t parameters = arch::parameter_count(file.model);
    if (json_) {
      fmt::print("{}\n", Json{{"depth", *depth_},
                              {"blocks", file.model.blocks.size()},
                              {"width", file.model.embedding.width},
                              {"parameters", parameters}}
                             .dump());
      return kOk;
    }
    if (explain_) fmt::print("{}\n", circuits::explain(file, "model"));
    fmt::print(
        "every circuit of depth {} or less: a transformer of {} blocks, width {}, one head, {} parameters\n",
        *depth_, file.model.blocks.size(), file.model.embedding.width, parameters);
    if (!out_.empty())
      fmt::print("  written to {0}; next: yore circuit run {1} CIRCUIT, yore circuit verify {1}\n", out_,
                 base::shell_quoted(out_));
    else if (!explain_)
      fmt::print("  nothing written: -o FOLDER keeps it, --explain shows how it works\n");
    return kOk;
  }

  static Circuit read_circuit(const std::string& path) {
    return circuits::parse_circuit(base::read_bounded_file(path, kLongestCircuit), path);
  }
  std::vector<Rational> read_inputs() const {
    std::vector<Rational> values;
    for (const std::string& text : inputs_) values.push_back(circuits::parse_rational(text, "--inputs"));
    return values;
  }

  int ask(const arch::ModelFile& file) const {
    const circuits::CircuitModel model(file, paths_[0]);
    const Circuit circuit = read_circuit(paths_[1]);
    if (numbers_ == "fp64") return answer<double>(model, circuit);
    if (numbers_ == "fp32") return answer<float>(model, circuit);
    return answer<Rational>(model, circuit);
  }

  template <class T>
  int answer(const circuits::CircuitModel& model, const Circuit& circuit) const {
    const std::vector<Rational> inputs = read_inputs();
    const circuits::Answer<T> answer = model.ask<T>(circuit, inputs, paths_[1], trace_);
    const auto text = [&](const std::vector<T>& values, int gate) {
      return circuits::to_text(values[static_cast<std::size_t>(gate)]);
    };
    // A level's gates are final once it has passed.
    const auto each_of_level = [&](int level, const auto& f) {
      const std::vector<T>& values = answer.levels[static_cast<std::size_t>(std::max(level, 1)) - 1];
      for (const int g : circuit.order)
        if (circuit.level[static_cast<std::size_t>(g)] == level) f(g, text(values, g));
    };
    if (json_) {
      Json outputs = Json::array(), levels = Json::array();
      for (const int g : circuit.outputs)
        outputs.push_back({{"gate", circuits::name_of(circuit.gate(g))}, {"value", text(answer.values, g)}});
      Json all = {{"numbers", numbers_}, {"depth", circuit.depth()}, {"outputs", outputs}};
      for (int level = 0; trace_ && level <= circuit.depth(); ++level) {
        Json gates = Json::object();
        each_of_level(level, [&](int g, const std::string& value) {
          gates[circuits::name_of(circuit.gate(g))] = value;
        });
        levels.push_back(std::move(gates));
      }
      if (trace_) all["levels"] = std::move(levels);
      fmt::print("{}\n", all.dump());
      return kOk;
    }
    for (int level = 0; trace_ && level <= circuit.depth(); ++level) {
      fmt::print("{}\n", level == 0
                             ? std::string("given")
                             : fmt::format("level {} (blocks {} and {})", level, 2 * level - 1, 2 * level));
      each_of_level(level, [&](int g, const std::string& value) {
        fmt::print("  {} = {}\n",
                   level == 0 ? circuits::name_of(circuit.gate(g)) : circuits::definition(circuit, g),
                   shown(value));
      });
    }
    if (trace_) fmt::print("outputs\n");
    for (const int g : circuit.outputs)
      fmt::print("{}{} = {}\n", trace_ ? "  " : "", circuits::name_of(circuit.gate(g)),
                 text(answer.values, g));
    return kOk;
  }

  int verify(const arch::ModelFile& file) {
    const circuits::CircuitModel model(file, paths_[0]);
    if (verify_.random == 0 && verify_.exhaustive == 0)
      throw InputError("--random", "0 beside --exhaustive 0: nothing would be checked");
    if (verify_.random == 0)
      for (const char* name : {"--gates", "--seed"})
        if (of_actions_.given(name))
          throw InputError(name, "does nothing with --random 0: no circuit is drawn");
    verify_.progress = base::Progress::Output::standard_error();
    const circuits::Verification v = circuits::verify(model, verify_);
    if (json_) {
      Json result = {{"agrees", !v.difference},
                     {"small_circuits", v.small_circuits},
                     {"random_circuits", v.random_circuits},
                     {"gates", v.gates}};
      if (v.difference)
        result["difference"] = {{"circuit", v.difference->circuit},
                                {"inputs", v.difference->inputs},
                                {"gate", v.difference->gate},
                                {"expected", v.difference->expected},
                                {"found", v.difference->found}};
      fmt::print("{}\n", result.dump());
    } else {
      fmt::print("{} runs of small circuits and {} random circuits, {} gates in exact rationals: {}\n",
                 v.small_circuits, v.random_circuits, v.gates, v.difference ? "DIFFERENT" : "all equal");
      if (v.difference)
        fmt::print("  {}: expected {}, found {}\n  inputs {}\n{}", v.difference->gate, v.difference->expected,
                   v.difference->found, v.difference->inputs, v.difference->circuit);
    }
    return v.difference ? kNo : kOk;
  }

  int from(const arch::ModelFile& file) const {
    const std::string to = to_option_->count() > 0 ? to_ : "text";
    if (to != "text" && to != "json")
      throw InputError("--to", fmt::format("{} goes with show; from writes text or json", to));
    if (check_ == 0 && of_actions_.given("--seed"))
      throw InputError("--seed", "does nothing with --check 0: no input is drawn");
    check_output(out_, force_);
    const circuits::HardTransformer model = circuits::hard_transformer(file, paths_[0]);
    const Circuit circuit = circuits::unroll(model, unroll_);
    const circuits::UnrollCheck check =
        circuits::check_unrolled(model, circuit, unroll_.tokens, check_, verify_.seed);
    if (check.agree < check.inputs)
      throw std::logic_error(
          fmt::format("model and circuit agree on {} of {} inputs", check.agree, check.inputs));
    const std::string report = fmt::format(
        "{} tokens of width {}: {} gates, {} edges, depth {}; model and circuit agree on {} random inputs",
        unroll_.tokens, model.width, circuit.gates.size(), circuit.edges(), circuit.depth(), check.inputs);
    const std::string text = to == "json" ? circuits::to_json(circuit).dump(1) + "\n"
                                          : fmt::format("# {}\n{}", report, circuits::to_text(circuit));
    emit(text, out_);
    if (!out_.empty()) fmt::print(report_stream(out_), "{}\n  written to {}\n", report, out_);
    return kOk;
  }

  int show() const {
    const std::string to = form_to_print(to_, out_, "html");
    check_output(out_, force_);
    const Circuit circuit = read_circuit(paths_[0]);
    std::vector<std::string> values;
    if (!inputs_.empty()) {
      const std::vector<Rational> inputs = read_inputs();
      if (inputs.size() != circuit.inputs().size())
        throw InputError("--inputs", fmt::format("the circuit has {}, found {}",
                                                 base::counted(std::ssize(circuit.inputs()), "input"),
                                                 base::counted(std::ssize(inputs), "value")));
      if (to == "json") throw InputError("--inputs", "does nothing beside --to json");
      for (const Rational& x : circuits::evaluate<Rational>(circuit, inputs, paths_[0]))
        values.push_back(circuits::to_text(x));
    }
    deliver(to == "html"   ? circuit_page(circuit, values)
            : to == "dot"  ? circuits::dot_of(circuit, values)
            : to == "json" ? circuits::to_json(circuit).dump(1) + "\n"
                           : circuits::to_text(circuit, values),
            out_);
    return kOk;
  }

  int precision(const arch::ModelFile& file) {
    const circuits::CircuitModel model(file, paths_[0]);
    precision_.seed = verify_.seed;
    precision_.progress = base::Progress::Output::standard_error();
    // Without --depths those that the model reaches.
    if (!of_actions_.given("--depths"))
      std::erase_if(precision_.depths, [&](int depth) { return depth > model.depth(); });
    const std::vector<circuits::PrecisionRow> rows = circuits::measure_precision(model, precision_);
    fmt::print("{}", json_ ? circuits::to_json(rows).dump() + "\n" : circuits::to_text(rows));
    return kOk;
  }

  /// Those of an action alone, by their names: given with another one they are refused.
  ActionOptions of_actions_;
  CLI::Option* to_option_ = nullptr;
  std::string action_, out_, numbers_ = "exact", to_;
  std::vector<std::string> paths_, inputs_;
  std::optional<int> depth_;
  int check_ = 20;
  circuits::VerifyOptions verify_;
  circuits::PrecisionOptions precision_;
  circuits::UnrollOptions unroll_;
  bool force_ = false, explain_ = false, trace_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_circuit() {
  return std::make_unique<CircuitCommand>();
}

}  // namespace yore::cli
