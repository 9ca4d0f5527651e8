#include "yore/expressivity/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <filesystem>

#include "yore/automata/formats.h"
#include "yore/base/error.h"
#include "yore/base/isolated.h"
#include "yore/expressivity/report_mixers.h"

namespace yore::expressivity {
namespace {

namespace fs = std::filesystem;
using base::InputError;
using base::Json;

constexpr const char* kEndings[] = {".att", ".fsm", ".json", ".txt"};

bool is_automaton_name(const fs::path& name) {
  std::string ending = name.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.string().front() != '.' &&
         std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
}

Dfa read(const std::string& path, const FolderOptions& options) {
  // Anything else could keep its reader waiting, which no limit on processor time ends.
  if (std::error_code ignored; fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
    throw InputError(path, "is no regular file");
  Dfa dfa = automata::dfa_from_file(path, options.alphabet, options.max_states);
  if (options.alphabet) {
    auto have = dfa.alphabet.names(), want = options.alphabet->names();
    std::sort(have.begin(), have.end());
    std::sort(want.begin(), want.end());
    if (have != want)
      throw InputError(path, fmt::format("is over the alphabet {}, expected {}", dfa.alphabet.text(),
                                         options.alphabet->text()));
  }
  return dfa;
}

const char* word(Answer answer) {
  return answer == Answer::Yes ? "yes" : answer == Answer::No ? "no" : "unknown";
}

// A row as it travels from the process that made it.
std::string packed(const std::string& path, const FolderOptions& options) {
  Json json;
  try {
    const auto begin = std::chrono::steady_clock::now();
    const Classification answer = classify(read(path, options), options.classify);
    json["states"] = answer.dfa.states;
    json["letters"] = answer.dfa.alphabet.size();
    json["formula"] = "";
    json["cheapest"] = answer.cheapest.empty() ? "" : shown_choice(answer.cheapest.front());
    json["tier"] = answer.tier ? word(answer.tier->hybrid) : "";
    for (const FamilyVerdict& verdict : answer.families)
      json["families"].push_back(static_cast<int>(verdict.member));
    for (const ClassVerdict& verdict : answer.classes)
      json["members"].push_back(static_cast<int>(verdict.member));
    const auto with_formula = std::find_if(answer.classes.begin(), answer.classes.end(),
                                           [](const ClassVerdict& v) { return v.formula.has_value(); });
    if (with_formula != answer.classes.end()) json["formula"] = logic::format_formula(*with_formula->formula);
    if (options.details) json["details"] = to_json(answer);
    json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  } catch (const InputError& error) {
    json["error"] = error.message();  // without source and caret: the row names the file
  } catch (const base::BudgetError& error) {
    json["error"] = error.what();
  } catch (const std::bad_alloc&) {
    json["error"] = "out of memory";
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

FolderRow unpacked(const std::string& file, const base::IsolatedResult& result) {
  FolderRow row;
  row.file = file;
  row.error = result.failure;
  if (!row.error.empty()) return row;
  const Json json = Json::parse(result.text);
  if (json.contains("error")) {
    row.error = json["error"].get<std::string>();
    return row;
  }
  row.states = json["states"];
  row.letters = json["letters"];
  for (std::size_t c = 0; c < std::size(row.members); ++c)
    row.members[c] = static_cast<Answer>(json["members"][c].get<int>());
  for (const Json& member : json["families"]) row.families.push_back(static_cast<Answer>(member.get<int>()));
  row.cheapest = json["cheapest"];
  row.tier = json["tier"];
  row.formula = json["formula"];
  row.seconds = json["seconds"];
  if (json.contains("details")) row.details = json["details"];
  return row;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  quoted += '"';
  return quoted;
}

}  // namespace

std::vector<std::string> automaton_files(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const fs::path name = entry->path().filename();
    std::error_code ignored;
    if (is_automaton_name(name) && !fs::is_directory(entry->path(), ignored)) names.push_back(name.string());
  }
  if (error) throw InputError(folder, "cannot read the folder: " + error.message());
  if (names.empty())
    throw InputError(
        folder, fmt::format("holds no automaton; expected files that end in {}", fmt::join(kEndings, ", ")));
  std::sort(names.begin(), names.end());
  return names;
}

void classify_folder(const std::string& folder, const FolderOptions& options,
                     const std::function<void(const FolderRow&)>& visit) {
  const std::vector<std::string> names = automaton_files(folder);
  base::for_each_isolated(
      names.size(), {.at_once = options.jobs, .seconds = options.file_seconds},
      [&](std::size_t i) { return packed((fs::path(folder) / names[i]).string(), options); },
      [&](std::size_t i, const base::IsolatedResult& result) { visit(unpacked(names[i], result)); });
}

std::string json_line(const FolderRow& row) {
  Json json;
  json["file"] = row.file;
  if (row.error.empty()) json["seconds"] = row.seconds;
  json["error"] = row.error.empty() ? Json() : Json(row.error);
  if (row.details.is_object()) json.update(row.details);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string csv_header(bool formulas) {
  std::string line = "file,states,letters";
  for (const Class c : kClasses) line += fmt::format(",{}", name(c));
  line += formulas ? ",seconds,error,formula" : ",seconds,error";
  for (const Family f : kFamilies) line += fmt::format(",{}", name(f));
  return line + ",cheapest,tier\n";
}

std::string csv_line(const FolderRow& row, bool formulas) {
  std::string line = csv_field(row.file);
  if (!row.error.empty()) {
    line += ",,";
    for ([[maybe_unused]] const Class c : kClasses) line += ",";
    line += fmt::format(",,{}", csv_field(row.error));
  } else {
    line += fmt::format(",{},{}", row.states, row.letters);
    for (const Answer answer : row.members) line += fmt::format(",{}", word(answer));
    line += fmt::format(",{:.3f},", row.seconds);
  }
  if (formulas) line += fmt::format(",{}", csv_field(row.formula));
  for (std::size_t f = 0; f < std::size(kFamilies); ++f)
    line += fmt::format(",{}", f < row.families.size() ? word(row.families[f]) : "");
  return line + fmt::format(",{},{}\n", csv_field(row.cheapest), row.tier);
}

}  // namespace yore::expressivity
