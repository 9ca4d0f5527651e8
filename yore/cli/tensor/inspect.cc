// yore inspect: what a model does inside while it reads a text.
#include "yore/anatomy/inspect.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "yore/anatomy/page.h"
#include "yore/anatomy/records.h"
#include "yore/anatomy/summary.h"
#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/progress.h"
#include "yore/base/text.h"
#include "yore/base/utf8.h"
#include "yore/cli/inspect_line.h"
#include "yore/cli/output.h"
#include "yore/cli/select_option.h"
#include "yore/cli/tensor/model_text.h"
#include "yore/cli/tensor/token_text.h"
#include "yore/report/svg.h"

namespace yore::cli {
namespace {

constexpr const char* kRecord = "inspect.json";
constexpr const char* kPage = "report.html";

class Inspect : public InspectLine {
 public:
  int run() override {
    refuse_what_does_not_go_together();
    check_out();
    use_wanted_threads(threads_);
    arch::MappedModel mapped = arch::map_model(model_);
    mapped.file.model = windows_.applied(mapped.file.model);
    const arch::Model description = mapped.file.model;
    anatomy::require_attention(description, model_.string());
    anatomy::InspectOptions options;
    options.gradients = gradients_;
    for (const auto& [wanted, option] :
         {std::pair{gradients_, "--gradients"}, {!select_.empty(), "--select"}})
      if (wanted && description.read_out.kind != arch::ReadOutKind::Vocabulary)
        throw base::InputError(option, fmt::format("{} is of the task {}, which predicts no next tokens: "
                                                   "a text has no loss",
                                                   model_.string(), arch::task_name(mapped.file)));
    if (!select_.empty()) {
      options.select = parse_select(select_);
      for (const double tau : options.select->taus)  // refused before the text is read
        model::TokenSelection(description, {tau, options.select->cascade, options.select->from});
    }
    const model::SavedModel saved =
        model::open_model(std::move(mapped), gradients_ ? model::Weights::Float : model::Weights::AsTheyAre);
    const std::vector<std::int64_t> tokens =
        tokens_of_file(saved, model_, text_, "--text", 2, most_tokens(description));
    base::require_memory("--tokens", anatomy::inspection_bytes(description, std::ssize(tokens), gradients_),
                         fmt::format("inspecting {} tokens", tokens.size()));
    for (const std::string& text : maps_) {
      const anatomy::MapWanted map = map_wanted(text, description, std::ssize(tokens));
      if (std::find(options.maps.begin(), options.maps.end(), map) != options.maps.end())
        throw base::InputError("--map", fmt::format("{} is given twice", text));
      options.maps.push_back(map);
    }
    base::catch_interrupts();
    const anatomy::Inspection found = inspect(saved.model, tokens, options);
    require_finite(found);
    if (!out_.empty()) write(found, saved);
    report(found, description);
    return kOk;
  }

 private:
  static constexpr const char* kWhat = "the inspection in it";  ///< what --force replaces
  void require_finite(const anatomy::Inspection& found) const {
    const auto finite = [](double x) { return std::isfinite(x); };
    for (const anatomy::StreamStatistics& place : found.stream)
      if (!std::all_of(place.norms.begin(), place.norms.end(), finite))
        throw base::InputError(
            model_.string(),
            fmt::format("a norm of its stream, {}, is not finite: its weights are broken, or too large",
                        anatomy::place_text(place.point, place.block)));
    if (found.loss && !finite(*found.loss))
      throw base::InputError(model_.string(), "the loss is not finite: its weights are broken, or too large");
  }

  void refuse_what_does_not_go_together() const {
    if (out_.empty() && !maps_.empty())
      throw base::InputError("--map", "goes into the folder of --out, and none is named");
    if (out_.empty() && force_)
      throw base::InputError("--force", "replaces what the folder of --out holds, and none is named");
  }

  /// An earlier inspection's folder may be replaced; one that holds something else is left alone.
  void check_out() const {
    if (out_.empty()) return;
    report::require_program("gnuplot", "gnuplot-nox");
    check_folder(out_, force_, kWhat);
    std::error_code ignored;
    if (std::filesystem::is_directory(out_, ignored) && !std::filesystem::is_empty(out_, ignored) &&
        !std::filesystem::exists(out_ / kRecord, ignored))
      throw base::InputError(out_.string(),
                             fmt::format("holds something else than an inspection (there is no "
                                         "{}), expected a new or empty folder",
                                         kRecord));
  }

  std::int64_t most_tokens(const arch::Model& model) const {
    if (model.embedding.positions != arch::Positions::Learned || tokens_ <= model.embedding.max_positions)
      return tokens_;
    if (tokens_option_->count() > 0)
      throw base::InputError("--tokens", fmt::format("{} are more than the {} learned positions reach",
                                                     tokens_, model.embedding.max_positions));
    return model.embedding.max_positions;
  }

  static anatomy::MapWanted map_wanted(const std::string& text, const arch::Model& model,
                                       std::int64_t tokens) {
    anatomy::MapWanted map;
    map.end = tokens;
    long layer = 0, head = 0, first = 0, last = tokens - 1;
    int all = 0, part = 0;
    const int numbers =
        std::sscanf(text.c_str(), "%9ld:%9ld%n:%9ld-%9ld%n", &layer, &head, &all, &first, &last, &part);
    const auto whole = static_cast<int>(text.size());
    // The library would take blanks and plus signs, too.
    const bool plain = text.find_first_not_of("0123456789:-") == std::string::npos;
    if (!plain || !((numbers == 2 && all == whole) || (numbers == 4 && part == whole)))
      throw base::InputError("--map",
                             fmt::format("expected LAYER:HEAD or LAYER:HEAD:FIRST-LAST, such as 3:0 or "
                                         "3:0:100-199, found \"{}\"",
                                         text));
    const auto blocks = static_cast<long>(model.blocks.size());
    if (layer < 0 || layer >= blocks)
      throw base::InputError("--map",
                             fmt::format("expected a layer from 0 to {}, found {}", blocks - 1, layer));
    const arch::Mixer& mixer = model.blocks[static_cast<std::size_t>(layer)].mixer;
    if (mixer.name != "attention")
      throw base::InputError("--map", fmt::format("layer {} is {}, which has no map", layer, mixer.name));
    const auto heads = mixer.options.at("heads").get<long>();
    if (head < 0 || head >= heads)
      throw base::InputError("--map", fmt::format("expected a head from 0 to {}, found {}", heads - 1, head));
    if (first < 0 || last < first || last >= tokens)
      throw base::InputError(
          "--map", fmt::format("expected tokens from 0 to {}, found {}-{}", tokens - 1, first, last));
    map.block = static_cast<int>(layer);
    map.head = head;
    map.first = first;
    map.end = last + 1;
    return map;
  }

  static anatomy::Inspection inspect(const model::Model& model, const std::vector<std::int64_t>& tokens,
                                     anatomy::InspectOptions& options) {
    std::optional<base::Progress> progress;
    if (::isatty(STDERR_FILENO) != 0)
      progress.emplace("inspecting", static_cast<double>(model.description().blocks.size()));
    options.progress = [&](std::size_t done, std::size_t) {
      if (progress) progress->update(static_cast<double>(done));
    };
    return anatomy::inspect(model, tokens, options);
  }

  void write(const anatomy::Inspection& found, const model::SavedModel& saved) const {
    const TokenText codec(saved, model_.string());
    // A token may end within a character, of which a page can show nothing.
    const auto shown = [&](std::int64_t token) {
      const std::string bytes = codec.text(token);
      std::string whole;
      for (std::size_t i = 0, n; i < bytes.size(); i += std::max<std::size_t>(1, n))
        whole += (n = base::character_length(bytes, i)) > 0 ? bytes.substr(i, n) : "\xEF\xBF\xBD";
      return whole;
    };
    const std::string page = anatomy::to_html(found, {model_.string(), text_, shown});
    write_folder(out_, force_, kWhat, [&](const std::filesystem::path& folder) {
      std::vector<std::filesystem::path> earlier;
      for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (anatomy::is_table(entry.path().filename().string())) earlier.push_back(entry.path());
      for (const std::filesystem::path& table : earlier) std::filesystem::remove(table);
      for (const auto& [name, table] : anatomy::to_tables(found)) base::write_file(folder / name, table);
      base::write_file(folder / kPage, page);
      base::write_file(folder / kRecord, to_json(found).dump(1) + "\n");
    });
  }

  void report(const anatomy::Inspection& found, const arch::Model& model) const {
    if (json_) {
      fmt::print("{}\n", to_json(found).dump());
      return;
    }
    fmt::print("{}: {}, {} of attention, {} of {}{}\n", model_.string(),
               base::counted(std::ssize(model.blocks), "layer"),
               base::counted(static_cast<std::int64_t>(found.head_count()), "head"),
               base::counted(std::ssize(found.tokens), "token"), text_,
               found.loss ? fmt::format(", loss {:.4f} nats a token", *found.loss) : "");
    fmt::print("{}", anatomy::summary(found));
    if (!out_.empty()) fmt::print("written to {}: {}, {} and tables\n", out_.string(), kPage, kRecord);
  }
};

}  // namespace

std::unique_ptr<Command> make_inspect() {
  return std::make_unique<Inspect>();
}

}  // namespace yore::cli
